package signin

import (
	"image"
	"image/color"
)

// margin is an image with white around it, which readers of QR codes want.
type margin struct {
	image.Image
	width int
}

func framed(inside image.Image, width int) image.Image { return margin{inside, width} }

// Bounds implements image.Image.
func (m margin) Bounds() image.Rectangle {
	b := m.Image.Bounds()
	return image.Rect(0, 0, b.Dx()+2*m.width, b.Dy()+2*m.width)
}

// ColorModel implements image.Image.
func (m margin) ColorModel() color.Model { return color.GrayModel }

// At implements image.Image.
func (m margin) At(x, y int) color.Color {
	b := m.Image.Bounds()
	at := image.Pt(x-m.width+b.Min.X, y-m.width+b.Min.Y)
	if !at.In(b) {
		return color.Gray{Y: 255}
	}
	return color.GrayModel.Convert(m.Image.At(at.X, at.Y))
}
