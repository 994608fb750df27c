package telegramtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	_ "image/gif" // pictures that people and bots send
	_ "image/jpeg"
	_ "image/png"
	"net/http"
	"path"
	"strings"
)

// file is one that Telegram keeps.
type file struct {
	id, kind, name, mime string
	data                 []byte
	gone                 bool
}

// mostDownloaded is how large a file may be for a bot to get it.
const mostDownloaded = 20 << 20

// keep gives a file its name at Telegram's.
func (d *Double) keep(f *file) *file {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.kept(f)
}

func (d *Double) kept(f *file) *file {
	f.id = fmt.Sprintf("BQACAgQ%s%06d", f.kind, len(d.files)+1)
	d.files[f.id] = f
	return f
}

// LoseFiles makes the files that were sent so far unavailable, as Telegram
// does after a while.
func (d *Double) LoseFiles() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range d.files {
		f.gone = true
	}
}

func (f *file) api() any {
	shown := map[string]any{"file_id": f.id, "file_unique_id": "AgAD" + f.id[7:], "file_size": len(f.data)}
	switch f.kind {
	case "photo": // several sizes, the largest last; all lead to the same bytes here
		width, height := 1280, 960
		if c, _, err := image.DecodeConfig(bytes.NewReader(f.data)); err == nil {
			width, height = c.Width, c.Height
		}
		shown["width"], shown["height"] = width, height
		small := map[string]any{"file_id": f.id + "-s", "file_unique_id": "AgADs" + f.id[7:], "file_size": len(f.data) / 10, "width": 90, "height": 67}
		return []any{small, shown}
	case "voice":
		shown["duration"], shown["mime_type"] = 3, f.mime
	default:
		shown["file_name"], shown["mime_type"] = f.name, f.mime
	}
	return shown
}

// path is where the file is downloaded from.
func (f *file) path() string {
	folder, ending := f.kind+"s", path.Ext(f.name)
	switch f.kind {
	case "photo":
		ending = ".jpg"
	case "voice":
		folder, ending = "voice", ".oga"
	}
	return folder + "/file_" + strings.TrimLeft(f.id[len(f.id)-6:], "0") + ending
}

func (d *Double) getFile(in *request) (any, *refusal) {
	f := d.files[strings.TrimSuffix(in.values["file_id"], "-s")]
	switch {
	case f == nil:
		return nil, badRequest("invalid file_id")
	case f.gone:
		return nil, badRequest("wrong file_id or the file is temporarily unavailable")
	case len(f.data) > mostDownloaded:
		return nil, badRequest("file is too big")
	}
	return map[string]any{"file_id": f.id, "file_unique_id": "AgAD" + f.id[7:], "file_size": len(f.data), "file_path": f.path()}, nil
}

// download serves the bytes of a file.
func (d *Double) download(w http.ResponseWriter, r *http.Request, where string) {
	d.count("download")
	d.begin(1)
	defer d.begin(-1)
	if !d.before(w, r, "download") {
		return
	}
	d.mu.Lock()
	var data []byte
	for _, f := range d.files {
		if f.path() == where && !f.gone && len(f.data) <= mostDownloaded {
			data = f.data
		}
	}
	d.mu.Unlock()
	if data == nil {
		write(w, nil, &refusal{code: http.StatusNotFound, description: "Not Found"})
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(data)
}

// sendFile is the method that sends one file of a kind.
func sendFile(kind string) func(*Double, *request) (any, *refusal) {
	return func(d *Double, in *request) (any, *refusal) {
		c, refused := d.chat(in)
		if refused != nil {
			return nil, refused
		}
		m := &message{}
		if m.text, m.entities, refused = formatted(in, "caption", "caption_entities", mostCaption); refused != nil {
			return nil, refused
		}
		if m.file, refused = d.uploaded(in, kind, kind, in.values[kind]); refused != nil {
			return nil, refused
		}
		if refused := d.around(in, c, m); refused != nil {
			return nil, refused
		}
		c.add(m)
		return one{m, m.api()}, nil
	}
}

// uploaded is the file that comes with a call under a field, or one that
// Telegram has already.
func (d *Double) uploaded(in *request, field, kind, id string) (*file, *refusal) {
	sent, here := in.files[field]
	if !here {
		if name, is := strings.CutPrefix(id, "attach://"); is {
			sent, here = in.files[name]
		}
	}
	if !here {
		if known := d.files[id]; known != nil && known.kind == kind {
			return known, nil
		}
		return nil, badRequest("there is no %s in the request", kind)
	}
	if len(sent.data) == 0 {
		return nil, badRequest("file must be non-empty")
	}
	if kind == "photo" {
		if _, _, err := image.DecodeConfig(bytes.NewReader(sent.data)); err != nil {
			return nil, badRequest("IMAGE_PROCESS_FAILED")
		}
	}
	return d.kept(&file{kind: kind, name: sent.name, mime: sent.kind, data: sent.data}), nil
}

func (d *Double) sendMediaGroup(in *request) (any, *refusal) {
	c, refused := d.chat(in)
	if refused != nil {
		return nil, refused
	}
	var items []map[string]json.RawMessage
	if refused := in.object("media", &items); refused != nil {
		return nil, refused
	}
	if len(items) < 2 || len(items) > 10 {
		return nil, badRequest("an album must have 2-10 items")
	}
	var all []*message
	for _, fields := range items {
		one := &request{values: map[string]string{}, files: in.files}
		for key, raw := range fields {
			var text string
			if json.Unmarshal(raw, &text) != nil {
				text = string(raw)
			}
			one.values[key] = text
		}
		m := &message{}
		if m.text, m.entities, refused = formatted(one, "caption", "caption_entities", mostCaption); refused != nil {
			return nil, refused
		}
		if m.file, refused = d.uploaded(one, "", one.values["type"], one.values["media"]); refused != nil {
			return nil, refused
		}
		if refused := d.around(in, c, m); refused != nil {
			return nil, refused
		}
		all = append(all, m)
	}
	sent := several{sent: all}
	for _, m := range all { // all or none
		m.album = fmt.Sprint("album-", d.nextID[c.ID]+1-int64(len(sent.shown)))
		c.add(m)
		sent.shown = append(sent.shown, m.api())
	}
	return sent, nil
}
