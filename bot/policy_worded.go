package bot

import (
	"strings"

	"sportello/kb"
	"sportello/search"
)

// worthWording is how many words of an article need a short answer: who reads
// less has read it sooner than a summary of it.
const worthWording = 60

// worded is what a Writer says to the question out of the part of the article
// that is shown below it; empty if there is no Writer, or nothing to say. In a
// form people are at something else, and wait for no text.
func (t *turn) worded(a kb.Article, anchor string) (text string) {
	if t.Writer == nil || t.conv.Form != nil {
		return ""
	}
	shown := shownText(a, anchor)
	if len(strings.Fields(shown)) < worthWording {
		return ""
	}
	t.aside(func() {
		text, _ = t.Writer.Write(t.ctx, t.question(), a.Lang, search.Passage{Title: a.Title, Text: shown})
	})
	return text
}

// shownText is what an answer shows of an article, as plain text: the summary,
// and the section that matched or the steps.
func shownText(a kb.Article, anchor string) string {
	if anchor == "" {
		anchor = a.StepsAnchor()
	}
	var shown []string
	for _, s := range a.Document().Sections {
		if s.Anchor == "" || s.Anchor == anchor {
			shown = append(shown, strings.TrimSpace(s.Heading+"\n"+s.Text))
		}
	}
	return strings.Join(shown, "\n\n")
}
