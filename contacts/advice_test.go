package contacts

import (
	"strings"
	"testing"

	"sportello/internal/golden"
)

// The example answers of the service's notice, and what people ask about days.
func TestAnswers(t *testing.T) {
	b := shipped(t)
	for _, lang := range []string{"it", "en"} {
		say := sayIn(t, lang)
		var told strings.Builder
		tell := func(title, answer string) { told.WriteString("## " + title + "\n" + answer + "\n\n") }
		advise := func(path, now string) {
			tell(path+" at "+now, b.Advise(branch(t, b, path), lang, at(t, now)).Markdown(say))
		}
		advise("3.1", "2026-11-28 10:00")
		advise("3.1", "2026-11-23 10:00")
		advise("2.1", "2026-11-23 07:00")
		advise("2.2", "2026-11-23 09:00")
		advise("1.4", "2026-11-23 10:00")
		advise("1.6", "2026-12-25 10:00")
		advise("1", "2026-11-28 12:00")
		for _, day := range []string{"2026-11-28", "2026-11-29", "2027-08-15", "2027-10-04", "2027-03-29", "2026-12-24", "2026-11-23"} {
			tell("the day "+day, b.Day(at(t, day+" 12:00"), lang).Markdown(say))
		}
		tell("SICOGE on Saturday", b.Day(at(t, "2026-11-28 12:00"), lang, branch(t, b, "3.1")).Markdown(say))
		tell("the channels", b.Channels(lang, at(t, "2026-11-23 10:00"), say))
		golden.Check(t, "testdata/answers."+lang+".golden", []byte(told.String()))
	}
}

func TestAdviceSaysWhenAnOfficePhoneStops(t *testing.T) {
	b := shipped(t)
	for path, office := range map[string]bool{"1": false, "1.4": true, "1.6": true, "2.1": false, "3.1": false, "4": false} {
		if got := b.Advise(branch(t, b, path), "it", at(t, "2026-11-23 10:00")).Office; got != office {
			t.Errorf("branch %s: Office = %v, want %v", path, got, office)
		}
	}
}
