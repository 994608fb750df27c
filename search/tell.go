package search

import (
	"fmt"
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

// Question tells what became of each word; what needs no word is not told.
func (t Teller) Question(x *Explanation) []Line {
	var lines []Line
	for _, w := range x.Words {
		lines = append(lines, Line{w.Typed, t.word(w)})
	}
	return lines
}

// alsoTold is how many alternatives of a word are told.
const alsoTold = 3

func (t Teller) word(w Word) string {
	if w.Became == LeftOut {
		return t.say("left_out", nil)
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

// Decision tells why the assistant answers, asks or gives up.
func (t Teller) Decision(r Result) []Line {
	v := r.Explanation.Verdict
	if v.Reason != Sure && v.Reason != Unsure {
		return []Line{{Text: t.say(string(v.Reason), map[string]any{"Lang": r.Lang})}}
	}
	lines := []Line{{Text: t.say(string(r.Decision), map[string]any{
		"Confidence": percent(r.Confidence), "Answer": percent(v.AnswerFrom), "Clarify": percent(v.ClarifyFrom),
	})}}
	var against []string
	for _, name := range v.Against {
		if said := t.named("against", name); !slices.Contains(against, said) {
			against = append(against, said)
		}
	}
	if len(against) > 0 {
		lines = append(lines, Line{Text: t.say("against", map[string]any{"Reasons": strings.Join(against, "; ")})})
	}
	return lines
}

// Order tells why the first hit stands before the second, if there are two.
func (t Teller) Order(x *Explanation) []Line {
	c := x.Comparison
	if c == nil {
		return nil
	}
	lines := []Line{{Text: t.say("first", map[string]any{"First": c.First, "Second": c.Second, "Points": t.points(c.Lead)})}}
	var more, less []string
	for _, d := range c.Points {
		if d.Points > 0 {
			more = append(more, t.named("points", d.Name)+" "+t.signed(d.Points))
		} else {
			less = append(less, t.named("points", d.Name)+" "+t.signed(d.Points))
		}
	}
	slices.Reverse(less)
	for _, side := range []struct {
		phrase string
		all    []string
	}{{"more", more}, {"less", less}, {"only_first", c.OnlyFirst}, {"only_second", c.OnlySecond}} {
		if len(side.all) > 0 {
			lines = append(lines, Line{Text: t.say(side.phrase, map[string]any{"List": strings.Join(side.all, ", ")})})
		}
	}
	return lines
}

// Hit tells what a hit was found by.
func (t Teller) Hit(h Hit) []Line {
	x := h.Explanation
	var lines []Line
	for _, m := range x.Matches {
		lines = append(lines, Line{m.Word, t.match(m)})
	}
	if len(x.Missing) > 0 {
		lines = append(lines, Line{Text: t.say("missing", map[string]any{"List": strings.Join(x.Missing, ", ")})})
	}
	var points []string
	for _, p := range x.Points {
		if p.Points() != 0 {
			points = append(points, t.named("points", p.Name)+" "+t.signed(p.Points()))
		}
	}
	lines = append(lines, Line{Text: t.say("sum", map[string]any{"Points": t.points(h.Score), "List": strings.Join(points, ", ")})})
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

func percent(part float64) string { return fmt.Sprintf("%.0f %%", 100*part) }

// points writes points as the language writes decimals.
func (t Teller) points(p float64) string { return t.decimals(fmt.Sprintf("%.2f", p)) }

func (t Teller) signed(p float64) string { return t.decimals(fmt.Sprintf("%+.2f", p)) }

func (t Teller) decimals(text string) string {
	if t.Lang == "en" {
		return text
	}
	return strings.Replace(text, ".", ",", 1)
}
