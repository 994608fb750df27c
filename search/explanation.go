package search

// Explanation is the editor's view of a result: what each word of the question
// became, why the first hit stands before the second, and what the decision
// was made of. A Teller puts it in words.
type Explanation struct {
	Words        []Word      `json:"words"`
	Applications []string    `json:"applications,omitempty"` // IDs of those the question names
	Comparison   *Comparison `json:"comparison,omitempty"`   // none if there is but one hit
	Verdict      Verdict     `json:"verdict"`
	Meaning      *Meaning    `json:"meaning,omitempty"` // none where that is not set up
}

// Word is a word of the question and what became of it.
type Word struct {
	Typed    string        `json:"typed"`
	Became   Became        `json:"became"`
	Read     string        `json:"read,omitempty"` // what it is looked up as, empty if it was left out
	Weight   float64       `json:"weight"`         // its part of the question, from 0 to 1; 0 if it was said before
	Known    bool          `json:"known"`          // some article that the reader may find holds it, or it names something
	Grammar  bool          `json:"grammar,omitempty"`
	Everyday bool          `json:"everyday,omitempty"` // a word of every day that no article holds: no slip of the pen
	Also     []Alternative `json:"also,omitempty"`     // what else it is looked up as, the weightiest first
}

// Became says what was made of a typed word.
type Became string

// What becomes of words.
const (
	Kept      Became = "kept"
	Corrected Became = "corrected"
	Expanded  Became = "expanded" // from the spelling of short messages
	LeftOut   Became = "left_out" // courtesy, or a particle that says nothing
)

// Alternative is something else that a word of the question may be found as.
type Alternative struct {
	Means  Means   `json:"means"`
	Text   string  `json:"text"`
	Weight float64 `json:"weight"` // against the word itself, which has 1
}

// Means is how a word of the question meets words of an article.
type Means string

// How words meet.
const (
	ByWord        Means = "word"  // the same word, or a form of it
	ByName        Means = "name"  // a grammar word that is also a name: "IO"
	ByLikeness    Means = "alike" // a word that looks alike
	BySynonym     Means = "synonym"
	ByAssociation Means = "association" // a word that texts use for it
	ByApplication Means = "application" // the question names the application that the article is about
)

// Comparison tells why the first hit stands before the second.
type Comparison struct {
	First      string       `json:"first"` // IDs of the articles
	Second     string       `json:"second"`
	Lead       float64      `json:"lead"`       // points between them
	Points     []Difference `json:"points"`     // what they are made of, the most telling first
	OnlyFirst  []string     `json:"only_first"` // words of the question found in one of them only
	OnlySecond []string     `json:"only_second"`
}

// Difference is how many points more one has than another by a signal, less
// than 0 where it has fewer.
type Difference struct {
	Name   string  `json:"name"`
	Points float64 `json:"points"`
}

// Verdict tells what the decision was made of.
type Verdict struct {
	Reason      Reason       `json:"reason"`
	AnswerFrom  float64      `json:"answer_from"`  // the confidence from which the assistant answers
	ClarifyFrom float64      `json:"clarify_from"` // the one from which it offers choices
	Signals     []Signal     `json:"signals"`      // what the confidence was made of
	Against     []Difference `json:"against"`      // what is less than if the first hit's title had been asked, the worst first
}

// Reason is the short form of a verdict.
type Reason string

// Reasons of a verdict. All but Sure and Unsure come with confidence 0.
const (
	Sure       Reason = "sure"        // enough to answer
	Unsure     Reason = "unsure"      // some confidence, see Verdict.Against
	NoLanguage Reason = "no_language" // there is no article in the language
	NoContent  Reason = "no_content"  // the question says nothing that could be looked up
	NoArticle  Reason = "no_article"  // no article holds a word of it
)

// HitExplanation tells what a hit was found by.
type HitExplanation struct {
	Matches  []Match   `json:"matches"`
	Missing  []string  `json:"missing"`            // words of the question that it lacks
	Points   []Signal  `json:"points"`             // what its score is the sum of
	Feedback *Feedback `json:"feedback,omitempty"` // none if nobody said whether it helped
	Meaning  *Nearness `json:"meaning,omitempty"`  // none if it is not among the nearest by meaning
}

// Match is a word of the question found in an article.
type Match struct {
	Word   string  `json:"word"`
	Means  Means   `json:"means"`
	As     string  `json:"as"`   // as the article writes it, or the synonym or application
	Part   float64 `json:"part"` // of what the word is worth, up to 1
	Places []Place `json:"places"`
}

// Place is where in an article something was found.
type Place struct {
	Field Field  `json:"field"`
	Text  string `json:"text,omitempty"` // the title, question, heading or tag itself; of a text, its heading
}

// Field is a part of an article.
type Field string

// The parts of an article that are searched.
const (
	InTitle       Field = "title"
	InQuestion    Field = "question"
	InHeading     Field = "heading"
	InTag         Field = "tag"
	InText        Field = "text"
	InApplication Field = "application"
)

// Feedback is what people said of an article, and how far it is moved by that.
type Feedback struct {
	Solved int     `json:"solved"` // conversations that it helped
	Judged int     `json:"judged"` // conversations that said whether it did
	Push   float64 `json:"push"`   // from -1, down, to 1, up
}

// Meaning tells what searching by meaning did.
type Meaning struct {
	Skipped  string  `json:"skipped,omitempty"` // why it did nothing, in a word: "sure" if the words were, "late", …
	Likeness float64 `json:"likeness"`          // of the nearest article, up to 1
	Floor    float64 `json:"floor"`             // what questions reach that nothing answers, 0 if not known
	Offered  bool    `json:"offered"`           // the nearest article is why choices are offered
	Covered  int     `json:"covered"`           // articles that can be found by meaning
	Articles int     `json:"articles"`          // of so many
}

// Nearness is how an article stands by meaning.
type Nearness struct {
	Place    int     `json:"place"` // from 1
	Likeness float64 `json:"likeness"`
}
