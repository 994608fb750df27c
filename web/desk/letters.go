package desk

import "net/http"

// lettersShown are the newest that were given up.
const lettersShown = 200

type lettersPage struct {
	page
	List []heldLetter
}

type heldLetter struct {
	Letter
	Channel mark
}

func (v *visit) letters() error {
	shown := lettersPage{page: v.frame("letters", v.say("desk.letters_title"), "/letters")}
	if v.Letters != nil {
		list, err := v.Letters.Undelivered(v.r.Context(), lettersShown)
		if err != nil {
			return err
		}
		for _, l := range list {
			shown.List = append(shown.List, heldLetter{l, v.channel(l.Channel)})
		}
	}
	return v.show(http.StatusOK, "letters", shown)
}
