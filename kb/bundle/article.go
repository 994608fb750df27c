package bundle

import (
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/kb"
	"sportello/kb/markdown"
)

// Few and Many bound the number of questions that serve an article well.
const (
	Few  = 3
	Many = 8
)

// reader reads one file and collects its problems.
type reader struct {
	file     string
	problems []Problem
}

func (r *reader) report(severity Severity, line int, phrase string, values fault.Values) {
	r.problems = append(r.problems, Problem{r.file, line, severity, phrase, values})
}

func (r *reader) article(text string) (a kb.Article) {
	front, body, bodyLine, ok := r.split(text)
	if !ok {
		return a
	}
	fields := r.front(front)
	a = kb.Article{
		ID: fields.text("id"), Lang: fields.text("lang"), Title: fields.text("title"),
		Questions: fields.list("questions"), Tags: fields.list("tags"), Application: fields.text("application"),
		Audience: account.Audience(fields.text("audience")), Status: kb.Status(fields.text("status")),
		Related: fields.list("related"), Body: body,
	}
	r.checkKey(a, fields)
	r.checkChoices(&a, fields)
	r.checkLists(a, fields)
	r.checkBody(a, bodyLine)
	return a
}

// split cuts a file into front matter and body; the body begins at a line.
func (r *reader) split(text string) (front, body string, bodyLine int, ok bool) {
	first, rest, found := strings.Cut(text, "\n")
	if strings.TrimRight(first, " \t") != "---" || !found {
		r.report(Error, 1, "kb.file.no_front_matter", nil)
		return "", "", 0, false
	}
	line, at := 2, 0
	for l := range strings.Lines(rest) {
		if strings.TrimRight(l, " \t\n") == "---" {
			front = rest[:at]
			if len(front) > mostFront {
				r.report(Error, 1, "kb.file.front_matter_huge", fault.Values{"Most": mostFront >> 10})
				return "", "", 0, false
			}
			return front, rest[at+len(l):], line + 1, true
		}
		at += len(l)
		line++
	}
	r.report(Error, 1, "kb.file.front_matter_open", nil)
	return "", "", 0, false
}

func (r *reader) checkKey(a kb.Article, f fields) {
	for _, key := range []string{"id", "lang", "title", "audience", "status"} {
		if f.text(key) == "" && !f.wrong[key] {
			r.report(Error, f.line(key), "kb.file.missing", fault.Values{"Key": key})
		}
	}
	name := strings.TrimSuffix(path.Base(r.file), ".md")
	switch {
	case a.ID == "":
	case !kb.ValidID(a.ID):
		r.report(Error, f.line("id"), "kb.file.id_invalid", fault.Values{"ID": a.ID, "Most": kb.MostID})
	case a.ID != name:
		r.report(Error, f.line("id"), "kb.file.id_not_file", fault.Values{"ID": a.ID, "Name": name})
	}
	folder := path.Base(path.Dir(r.file))
	switch {
	case a.Lang == "":
	case !kb.ValidLang(a.Lang):
		r.report(Error, f.line("lang"), "kb.file.lang_invalid", fault.Values{"Lang": a.Lang})
	case kb.ValidLang(folder) && folder != a.Lang:
		r.report(Error, f.line("lang"), "kb.file.lang_not_folder", fault.Values{"Lang": a.Lang, "Folder": folder})
	}
	r.checkLength("title", a.Title, kb.MostTitle, f.line("title"))
	if a.Application != "" && !kb.ValidID(a.Application) {
		r.report(Error, f.line("application"), "kb.file.application_invalid", fault.Values{"ID": a.Application})
	}
}

func (r *reader) checkLength(key, text string, most, line int) {
	if utf8.RuneCountInString(text) > most {
		r.report(Error, line, "kb.file.too_long", fault.Values{"Key": key, "Most": most})
	}
}

func (r *reader) checkChoices(a *kb.Article, f fields) {
	if a.Audience != "" && !slices.Contains(kb.Audiences, a.Audience) {
		r.report(Error, f.line("audience"), "kb.file.audience", fault.Values{"Value": string(a.Audience)})
	}
	if a.Status != "" && !slices.Contains(kb.Statuses, a.Status) {
		r.report(Error, f.line("status"), "kb.file.status", fault.Values{"Value": string(a.Status)})
	}
	if day := f.text("review_by"); day != "" {
		var err error
		if a.ReviewBy, err = time.Parse(time.DateOnly, day); err != nil || a.ReviewBy.Year() < 1970 {
			r.report(Error, f.line("review_by"), "kb.file.date", fault.Values{"Value": day})
		}
	}
}

func (r *reader) checkLists(a kb.Article, f fields) {
	if n := len(a.Questions); n < Few && !f.wrong["questions"] {
		r.report(Warning, f.line("questions"), "kb.file.questions_few", fault.Values{"Number": n, "Least": Few})
	} else if n > Many {
		r.report(Warning, f.line("questions"), "kb.file.questions_many", fault.Values{"Number": n, "Most": Many})
	}
	for key, list := range map[string][]string{"questions": a.Questions, "tags": a.Tags, "related": a.Related} {
		if len(list) > kb.MostList {
			r.report(Error, f.line(key), "kb.file.list_too_long", fault.Values{"Key": key, "Most": kb.MostList})
		}
		seen := map[string]bool{}
		for i, entry := range list {
			line := f.entryLine(key, i)
			r.checkLength(key, entry, kb.MostWords, line)
			folded := fold(entry)
			switch {
			case folded == "":
				r.report(Error, line, "kb.file.entry_empty", fault.Values{"Key": key})
			case seen[folded]:
				r.report(Warning, line, "kb.file.entry_twice", fault.Values{"Key": key, "Entry": entry})
			}
			seen[folded] = true
		}
	}
	for i, id := range a.Related {
		switch line := f.entryLine("related", i); {
		case !kb.ValidID(id):
			r.report(Error, line, "kb.file.id_invalid", fault.Values{"ID": id, "Most": kb.MostID})
		case id == a.ID:
			r.report(Warning, line, "kb.file.related_self", nil)
		}
	}
}

// fold makes questions comparable that differ in case, blanks and marks only.
func fold(question string) string { return markdown.Slug(question) }

func (r *reader) checkBody(a kb.Article, bodyLine int) {
	at := func(line int) int { return bodyLine + line - 1 }
	switch {
	case strings.TrimSpace(a.Body) == "":
		r.report(Error, bodyLine, "kb.file.body_empty", nil)
		return
	case len(a.Body) > kb.MostBody:
		r.report(Error, bodyLine, "kb.file.body_too_long", fault.Values{"Most": kb.MostBody >> 10})
		return
	}
	level := 1 // the title's
	for _, s := range markdown.Sections(a.Body) {
		switch {
		case s.Level == 0:
			continue
		case s.Heading == "":
			r.report(Warning, at(s.Line), "kb.file.heading_empty", nil)
		case s.Level == 1:
			r.report(Warning, at(s.Line), "kb.file.heading_first", fault.Values{"Heading": s.Heading})
		case s.Level > level+1:
			r.report(Warning, at(s.Line), "kb.file.heading_skipped", fault.Values{"Heading": s.Heading})
		}
		level = s.Level
		if strings.EqualFold(s.Heading, kb.StepsHeading(a.Lang)) && len(markdown.Steps(s.Whole)) == 0 {
			r.report(Warning, at(s.Line), "kb.file.steps_unnumbered", fault.Values{"Heading": s.Heading})
		}
	}
	for _, line := range markdown.RawHTML(a.Body) {
		r.report(Error, at(line), "kb.file.raw_html", nil)
	}
	for _, l := range markdown.Links(a.Body) {
		if !markdown.Safe(l) {
			r.report(Error, at(l.Line), "kb.file.link_refused", fault.Values{"Link": l.Destination})
		}
	}
}
