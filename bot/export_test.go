package bot

// For the tests outside the package.
var (
	Quote              = quote
	Splits             = splits
	Wording            = asked
	WithoutTicketWords = withoutTicketWords
	QuietEnd           = quietEnd
	NewPassageCode     = newPassageCode
	TypedCode          = typedCode
)

// Merge returns a with b added to it, as a turn adds to its last action.
func Merge(a, b Change) Change {
	a.merge(b)
	return a
}
