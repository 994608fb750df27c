package bleveindex

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"runtime"
	"slices"
	"strings"
	"sync"

	"sportello/search"
	"sportello/search/analysis"
)

// prepared is a document with its analysed words: what is stored, so that
// opening an index need not analyse everything again.
type prepared struct {
	doc      *search.Document
	words    []storedWord // the distinct words of the document
	sequence []uint32     // all of its words in order, as numbers of words
	passages []passage
	encoded  []byte // as it is stored
	sum      uint32 // checksum of encoded
}

func (p *prepared) key() search.Key { return search.Key{ID: p.doc.ID, Lang: p.doc.Lang} }

// storedWord is a word as it was written and as it is indexed.
type storedWord struct {
	surface, term  string
	function, name bool
}

// kind says where a passage stands.
type kind uint8

const (
	inTitle kind = iota
	inQuestion
	inHead // headings, tags and the application
	inBody
	kinds
)

// passage is a run of words that belong together: a title, a question, a
// paragraph.
type passage struct {
	kind       kind
	section    uint16 // of the document, for inHead and inBody; for inQuestion, the question
	start, end uint32 // of the sequence
	from, to   uint32 // of the section's text, for inBody
}

// longPassage is the number of words from which a paragraph is divided.
const longPassage = 60

// prepare analyses a document.
func prepare(doc search.Document) *prepared {
	p := &prepared{doc: &doc}
	numbers := map[storedWord]uint32{}
	add := func(k kind, section int, text string, from int) {
		start := len(p.sequence)
		for _, w := range analysis.Analyze(doc.Lang, text) {
			s := storedWord{w.Text, w.Term, w.Function, w.Name}
			n, known := numbers[s]
			if !known {
				n = uint32(len(p.words))
				numbers[s] = n
				p.words = append(p.words, s)
			}
			p.sequence = append(p.sequence, n)
		}
		if len(p.sequence) > start {
			p.passages = append(p.passages, passage{k, uint16(min(section, 1<<16-1)),
				uint32(start), uint32(len(p.sequence)), uint32(from), uint32(from + len(text))})
		}
	}
	add(inTitle, 0, doc.Title, 0)
	for i, q := range doc.Questions {
		add(inQuestion, i, q, 0)
	}
	for _, t := range doc.Tags {
		add(inHead, 0, t, 0)
	}
	for i, s := range doc.Sections {
		add(inHead, i, s.Heading, 0)
		from := 0
		for _, paragraph := range paragraphs(s.Text) {
			add(inBody, i, paragraph, from)
			from += len(paragraph) + 1
		}
	}
	return p
}

// prepareAll analyses documents, and encodes them if wanted, on some cores.
func prepareAll(docs []search.Document, encode bool, cores int) []*prepared {
	all := make([]*prepared, len(docs))
	parallel(len(docs), cores, func(i int) {
		all[i] = prepare(docs[i])
		if encode {
			all[i].encode()
		}
	})
	return all
}

// current reports whether the analysis of today still gives these words.
func (p *prepared) current() bool {
	now := prepare(*p.doc)
	return slices.Equal(p.words, now.words) && slices.Equal(p.sequence, now.sequence) && slices.Equal(p.passages, now.passages)
}

// parallel calls f for each number below n, on some cores, and waits. Whoever
// wants a core meanwhile need not wait for more than one call.
func parallel(n, cores int, f func(int)) {
	workers := min(cores, n)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				f(i)
				runtime.Gosched()
			}
		})
	}
	wg.Wait()
}

// paragraphs divides the text of a section at line ends, and long lines at
// the ends of sentences; one byte is left out between two.
func paragraphs(text string) []string {
	var all []string
	start, words := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case ' ':
			words++
			if words < longPassage || i == 0 || text[i-1] != '.' && text[i-1] != '?' && text[i-1] != ';' {
				continue
			}
		case '\n':
		default:
			continue
		}
		all = append(all, text[start:i])
		start, words = i+1, 0
	}
	return append(all, text[start:])
}

// encode writes p as it is stored: a checksum, the document, its words.
func (p *prepared) encode() {
	d := p.doc
	text := appendBytes(nil, d.ID, d.Lang, d.Title, d.Application, string(d.Audience))
	text = appendList(text, d.Questions)
	text = appendList(text, d.Tags)
	text = binary.AppendUvarint(text, uint64(len(d.Sections)))
	for _, s := range d.Sections {
		text = appendBytes(text, s.Anchor, s.Heading, s.Text)
	}
	b := make([]byte, 4, 4+len(text)+len(p.sequence)*2+len(p.words)*16)
	b = appendBytes(b, string(text))
	b = binary.AppendUvarint(b, uint64(len(p.words)))
	for _, w := range p.words {
		b = appendBytes(b, w.surface)
		flags := byte(0)
		if w.function {
			flags |= 1
		}
		if w.name {
			flags |= 2
		}
		if w.term == w.surface {
			b = append(b, flags|4)
			continue
		}
		b = appendBytes(append(b, flags), w.term)
	}
	b = binary.AppendUvarint(b, uint64(len(p.sequence)))
	for _, n := range p.sequence {
		b = binary.AppendUvarint(b, uint64(n))
	}
	b = binary.AppendUvarint(b, uint64(len(p.passages)))
	for _, g := range p.passages {
		b = append(b, byte(g.kind))
		b = binary.AppendUvarint(b, uint64(g.section))
		b = binary.AppendUvarint(b, uint64(g.end-g.start))
		b = binary.AppendUvarint(b, uint64(g.from))
		b = binary.AppendUvarint(b, uint64(g.to-g.from))
	}
	p.encoded, p.sum = sealed(b)
}

// sealed writes the checksum of all that follows into the first four bytes.
func sealed(b []byte) ([]byte, uint32) {
	sum := crc32.ChecksumIEEE(b[4:])
	binary.LittleEndian.PutUint32(b, sum)
	return b, sum
}

func appendBytes(b []byte, all ...string) []byte {
	for _, s := range all {
		b = append(binary.AppendUvarint(b, uint64(len(s))), s...)
	}
	return b
}

func appendList(b []byte, all []string) []byte {
	return appendBytes(binary.AppendUvarint(b, uint64(len(all))), all...)
}

var errBroken = errors.New("a stored document is broken")

// decode reads what encode wrote.
func decode(b []byte) (p *prepared, err error) {
	if len(b) < 4 || binary.LittleEndian.Uint32(b) != crc32.ChecksumIEEE(b[4:]) {
		return nil, errBroken
	}
	r := stored{b: string(b[4:])}
	text := stored{b: strings.Clone(r.text())} // apart from the words, which need not stay in memory
	p = &prepared{doc: text.document(), sum: binary.LittleEndian.Uint32(b)}
	r.bad = r.bad || text.bad
	p.words = make([]storedWord, r.count())
	for i := range p.words {
		w := &p.words[i]
		w.surface = r.text()
		flags := r.byte()
		w.function, w.name = flags&1 != 0, flags&2 != 0
		w.term = w.surface
		if flags&4 == 0 {
			w.term = r.text()
		}
	}
	p.sequence = make([]uint32, r.count())
	for i := range p.sequence {
		p.sequence[i] = uint32(r.number())
		if int(p.sequence[i]) >= len(p.words) {
			r.bad = true
		}
	}
	p.passages = make([]passage, r.count())
	at := uint32(0)
	for i := range p.passages {
		g := &p.passages[i]
		g.kind, g.section, g.start = kind(r.byte()), uint16(r.number()), at
		at += uint32(r.number())
		g.end = at
		g.from = uint32(r.number())
		g.to = g.from + uint32(r.number())
		if n := int(g.section); g.kind == inQuestion && n >= len(p.doc.Questions) || g.kind >= kinds || g.kind == inBody && (n >= len(p.doc.Sections) || int(g.to) > len(p.doc.Sections[n].Text) || g.from > g.to) {
			r.bad = true
		}
	}
	if r.bad || int(at) != len(p.sequence) {
		return nil, errBroken
	}
	return p, nil
}

// stored reads the parts of a stored document; bad tells that one was missing.
type stored struct {
	b   string
	bad bool
}

func (r *stored) document() *search.Document {
	d := &search.Document{ID: r.text(), Lang: r.text(), Title: r.text(), Application: r.text(), Audience: search.Audience(r.text())}
	d.Questions, d.Tags = r.list(), r.list()
	d.Sections = make([]search.Section, r.count())
	for i := range d.Sections {
		d.Sections[i] = search.Section{Anchor: r.text(), Heading: r.text(), Text: r.text()}
	}
	return d
}

func (r *stored) list() []string {
	all := make([]string, r.count())
	for i := range all {
		all[i] = r.text()
	}
	return all
}

func (r *stored) number() (n uint64) {
	for i := 0; i < len(r.b) && i < binary.MaxVarintLen32; i++ {
		n |= uint64(r.b[i]&0x7f) << (7 * i)
		if r.b[i] < 0x80 {
			r.b = r.b[i+1:]
			return n
		}
	}
	r.bad, r.b = true, ""
	return 0
}

// count reads the length of a list, which cannot exceed what is left.
func (r *stored) count() int {
	n := r.number()
	if n > uint64(len(r.b)) {
		r.bad = true
		return 0
	}
	return int(n)
}

func (r *stored) text() string {
	n := r.count()
	s := r.b[:n]
	r.b = r.b[n:]
	return s
}

func (r *stored) byte() byte {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}
