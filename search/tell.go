package search

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Line is a line of an explanation in words.
type Line struct {
	About string // the word of the question it is about, if it is about one
	Text  string
}

// Teller puts explanations in words, in one language.
type Teller struct {
	Phrases interface {
		Say(lang, key string, values map[string]any) string
		Has(lang, key string) bool
	}
	Lang string
}

// Question tells what became of each word.
func (t Teller) Question(x *Explanation) []Line {
	var lines []Line
	var leftOut []string
	for _, w := range x.Words {
		if w.Became == LeftOut {
			leftOut = append(leftOut, w.Typed)
			continue
		}
		lines = append(lines, Line{w.Typed, t.word(w)})
	}
	return append(lines, t.list("left_out", leftOut)...)
}

// list is a line with a list, none if the list is empty.
func (t Teller) list(phrase string, all []string) []Line {
	if len(all) == 0 {
		return nil
	}
	return []Line{{Text: t.say(phrase, map[string]any{"List": strings.Join(all, ", ")})}}
}

// alsoTold is how many alternatives of a word are told.
const alsoTold = 3

func (t Teller) word(w Word) string {
	if w.Weight == 0 && !w.Grammar {
		return t.say("again", nil)
	}
	var parts []string
	if w.Became != Kept {
		parts = append(parts, t.say(string(w.Became), map[string]any{"Read": w.Read}))
	}
	switch {
	case w.Everyday:
		parts = append(parts, t.say("everyday", nil))
	case !w.Known:
		parts = append(parts, t.say("unknown", nil))
	case w.Grammar:
		parts = append(parts, t.say("grammar", nil))
	}
	parts = append(parts, t.say("weight", map[string]any{"Percent": percent(w.Weight)}))
	for _, a := range w.Also[:min(len(w.Also), alsoTold)] {
		parts = append(parts, t.say("also_"+string(a.Means), map[string]any{"Text": a.Text, "Percent": percent(a.Weight)}))
	}
	if more := len(w.Also) - alsoTold; more > 0 {
		parts = append(parts, t.say("also_more", map[string]any{"Count": more}))
	}
	return strings.Join(parts, "; ")
}

// reasonsTold is how many reasons against an answer are told.
const reasonsTold = 3

// Decision tells why the assistant answers, asks or gives up.
func (t Teller) Decision(r Result) []Line {
	return append(t.verdict(r), t.meaning(r.Explanation.Meaning)...)
}

// meaning tells what searching by meaning did, if it is set up.
func (t Teller) meaning(m *Meaning) []Line {
	switch {
	case m == nil:
		return nil
	case m.Skipped != "":
		return []Line{{Text: t.say("not_by_meaning", map[string]any{"Reason": t.named("skipped", m.Skipped)})}}
	}
	phrase := "by_meaning"
	if m.Floor == 0 {
		phrase = "by_meaning_without_floor"
	}
	return []Line{{Text: t.say(phrase, map[string]any{"Likeness": t.points(m.Likeness), "Floor": t.points(m.Floor), "Covered": m.Covered, "Articles": m.Articles})}}
}

func (t Teller) verdict(r Result) []Line {
	v := r.Explanation.Verdict
	if m := r.Explanation.Meaning; m != nil && m.Offered {
		return []Line{{Text: t.say("offered", map[string]any{"Confidence": percent(r.Confidence)})}}
	}
	if v.Reason != Sure && v.Reason != Unsure {
		return []Line{{Text: t.say(string(v.Reason), map[string]any{"Lang": r.Lang})}}
	}
	lines := []Line{{Text: t.say(string(r.Decision), map[string]any{
		"Confidence": percent(r.Confidence), "Answer": percent(v.AnswerFrom), "Clarify": percent(v.ClarifyFrom),
	})}}
	if v.Reason == Sure {
		return lines
	}
	var against []string
	for _, d := range v.Against {
		if said := t.named("against", d.Name); !slices.Contains(against, said) && len(against) < reasonsTold {
			against = append(against, said)
		}
	}
	return append(lines, t.list("against", against)...)
}

// Order tells why the first hit stands before the second, if there are two.
func (t Teller) Order(x *Explanation) []Line {
	c := x.Comparison
	if c == nil {
		return nil
	}
	phrase := "first"
	if !told(c.Lead) {
		phrase = "first_hardly"
	}
	lines := []Line{{Text: t.say(phrase, map[string]any{"First": c.First, "Second": c.Second, "Points": t.points(c.Lead)})}}
	var more, less []string
	for _, d := range c.Points {
		if d.Points > 0 {
			more = t.counts(more, d.Name, d.Points)
		} else {
			less = t.counts(less, d.Name, d.Points)
		}
	}
	slices.Reverse(less)
	lines = append(lines, t.list("more", more)...)
	lines = append(lines, t.list("less", less)...)
	lines = append(lines, t.list("only_first", c.OnlyFirst)...)
	return append(lines, t.list("only_second", c.OnlySecond)...)
}

// told reports whether points are more than nothing once they are written.
func told(points float64) bool { return math.Abs(points) >= 0.005 }

// counts adds to a list what a signal counts, if that can be told.
func (t Teller) counts(list []string, name string, points float64) []string {
	if !told(points) {
		return list
	}
	return append(list, t.named("points", name)+" "+t.decimals(fmt.Sprintf("%+.2f", points)))
}

// Hit tells what a hit was found by.
func (t Teller) Hit(h Hit) []Line {
	x := h.Explanation
	var lines []Line
	for _, m := range x.Matches {
		lines = append(lines, Line{m.Word, t.match(m)})
	}
	lines = append(lines, t.list("missing", x.Missing)...)
	var points []string
	sum := 0.0 // the score, unless places by words and by meaning were put together
	for _, p := range x.Points {
		points = t.counts(points, p.Name, p.Points())
		sum += p.Points()
	}
	if len(x.Points) > 0 {
		lines = append(lines, Line{Text: t.say("sum", map[string]any{"Points": t.points(sum), "List": strings.Join(points, ", ")})})
	}
	if n := x.Meaning; n != nil {
		lines = append(lines, Line{Text: t.say("near", map[string]any{"Place": n.Place, "Likeness": t.points(n.Likeness)})})
	}
	if f := x.Feedback; f != nil {
		lines = append(lines, Line{Text: t.say("feedback", map[string]any{"Solved": f.Solved, "Count": f.Judged})})
	}
	return lines
}

// placesTold is how many places of a word are told.
const placesTold = 3

func (t Teller) match(m Match) string {
	var places []string
	for _, p := range m.Places[:min(len(m.Places), placesTold)] {
		field := "in_" + string(p.Field)
		if p.Field == InText && p.Text == "" {
			field = "in_opening"
		}
		places = append(places, t.say(field, map[string]any{"Text": p.Text}))
	}
	if more := len(m.Places) - placesTold; more > 0 {
		places = append(places, t.say("in_more", map[string]any{"Count": more}))
	}
	where := strings.Join(places, "; ")
	if m.Means == ByWord && m.As == m.Word || m.Means == ByApplication {
		return where
	}
	return t.say("by_"+string(m.Means), map[string]any{"As": m.As}) + ": " + where
}

func (t Teller) say(phrase string, values map[string]any) string {
	return t.Phrases.Say(t.Lang, "search."+phrase, values)
}

// named tells a signal; one that nobody found words for keeps its name.
func (t Teller) named(topic, name string) string {
	if phrase := SignalPhrase(topic, name); t.Phrases.Has(t.Lang, phrase) {
		return t.Phrases.Say(t.Lang, phrase, nil)
	}
	return name
}

// SignalPhrase is the key of the phrase for a signal: what it adds to the
// points of a hit ("points"), or why it lowers the confidence ("against").
func SignalPhrase(topic, name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return "search." + topic + "." + strings.Join(words, "_")
}

// percent holds a space that does not break.
func percent(part float64) string { return fmt.Sprintf("%.0f\u00a0%%", 100*part) }

// points writes points as the language writes decimals.
func (t Teller) points(p float64) string { return t.decimals(fmt.Sprintf("%.2f", p)) }

func (t Teller) decimals(text string) string {
	if t.Lang == "en" {
		return text
	}
	return strings.Replace(text, ".", ",", 1)
}
