package intake

import (
	"bytes"
	"context"
	"slices"
	"unicode/utf8"

	"sportello/internal/fault"
	"sportello/tickets"
)

// keepFiles keeps what is attached, as far as files are accepted; what is not
// is told in a note. Files come before images within the text, of which the
// large ones come first: small ones are mostly emblems.
func (h *handling) keepFiles(ctx context.Context) error {
	if h.hasKept {
		return nil
	}
	h.hasKept = true
	all := slices.Clone(h.mail.Files)
	if utf8.RuneCountInString(h.mail.Text) > tickets.MaxBody {
		all = append([]File{{Name: "testo-completo.txt", Content: []byte(h.mail.Text)}}, all...)
	}
	slices.SortStableFunc(all, func(a, b File) int {
		switch {
		case a.Inline != b.Inline:
			if a.Inline {
				return 1
			}
			return -1
		case a.Inline:
			return len(b.Content) - len(a.Content)
		}
		return 0
	})
	for _, f := range all {
		if len(h.files) >= h.Files.Limits().MaxCount {
			h.noted = append(h.noted, Trouble{"intake.note.file_many", fault.Values{"Name": shortened(f.Name, 100), "Max": h.Files.Limits().MaxCount}})
			continue
		}
		kept, err := h.Files.Accept(ctx, f.Name, bytes.NewReader(f.Content))
		switch {
		case fault.Is(err, fault.Invalid), fault.Is(err, fault.TooLarge):
			phrase, values := fault.Public(err)
			h.noted = append(h.noted, Trouble{"intake.note.file_refused", fault.Values{"Name": shortened(f.Name, 100), "Why": h.say(phrase, values)}})
		case err != nil:
			h.hasKept = false
			h.dropFiles(context.WithoutCancel(ctx))
			h.files, h.noted = nil, nil
			return err
		default:
			h.files = append(h.files, tickets.Attachment{ID: kept.ID, Name: kept.Name, Type: kept.Type, Size: kept.Size})
		}
	}
	return nil
}
