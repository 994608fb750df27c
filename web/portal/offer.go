package portal

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"sportello/internal/strictyaml"
	"sportello/tickets"
)

const offerFile = "servizi.yaml"

// Offer is what editors decide about the page of the catalogue.
type Offer struct {
	Icons map[string]string `yaml:"icons"` // by category of the catalogue
	Asked []string          `yaml:"asked"` // request types shown to whoever asked for none yet
}

func readOffer(fsys fs.FS) (o Offer, err error) {
	text, err := fs.ReadFile(fsys, offerFile)
	if err != nil {
		return o, err
	}
	if err := strictyaml.Decode(text, &o); err != nil {
		return o, fmt.Errorf("%s: %w", offerFile, err)
	}
	return o, nil
}

// Fits tells what of the portal's content names something that the catalogue
// does not have, all at once.
func (c Content) Fits(catalogue tickets.Catalogue) error {
	var wrong []error
	for _, id := range slices.Sorted(maps.Keys(c.Offer.Icons)) {
		if !slices.ContainsFunc(catalogue.Categories, func(k tickets.Category) bool { return k.ID == id }) {
			wrong = append(wrong, fmt.Errorf("pages/%s: icons: the catalogue has no category %q", offerFile, id))
		}
	}
	for _, id := range c.Offer.Asked {
		if _, known := catalogue.Request(id); !known {
			wrong = append(wrong, fmt.Errorf("pages/%s: asked: the catalogue has no request type %q", offerFile, id))
		}
	}
	if c.notices == nil {
		return errors.Join(wrong...)
	}
	for _, n := range c.notices.all {
		for _, id := range n.Applications {
			if _, known := catalogue.Application(id); !known {
				wrong = append(wrong, fmt.Errorf("pages/%s: notice %q: the catalogue has no application %q", noticesFile, n.ID, id))
			}
		}
	}
	return errors.Join(wrong...)
}
