package tickets

import (
	"maps"

	"sportello/account"
)

// The IDs of the fields that every request has. A request type's own fields
// have other ones.
const (
	FieldBeneficiary = "beneficiary"
	FieldOffice      = "office"
	FieldPhone       = "phone"
	FieldSubject     = "subject"
	FieldBody        = "body"
	FieldError       = "error"
	FieldAttachments = "attachments"
	FieldSince       = "since"
	FieldImpact      = "impact"
	FieldDeadline    = "deadline"
	FieldApplication = "application" // own field of many types, kept in Draft.Application
)

// ForMe is the answer of FieldBeneficiary that names nobody else.
const ForMe = "me"

// Draft is a request that is still being written. Its zero value is an empty
// one; it can be kept as JSON.
type Draft struct {
	RequestType  string             `json:"request_type,omitempty"`
	Application  string             `json:"application,omitempty"`
	Subject      string             `json:"subject,omitempty"`
	Body         string             `json:"body,omitempty"`
	ErrorText    string             `json:"error,omitempty"`
	Since        string             `json:"since,omitempty"`
	Deadline     string             `json:"deadline,omitempty"`
	Impact       Impact             `json:"impact,omitempty"`
	Urgency      Urgency            `json:"urgency,omitempty"`
	Fields       map[string]string  `json:"fields,omitempty"`
	Attachments  []Attachment       `json:"attachments,omitempty"`
	ForMe        bool               `json:"for_me,omitempty"` // "per chi?" was answered: for the author
	Beneficiary  Beneficiary        `json:"beneficiary,omitzero"`
	Proposed     Beneficiary        `json:"proposed,omitzero"` // whom it seems to be about, to be confirmed
	Author       account.PersonID   `json:"author,omitempty"`  // whose request it is, if another one writes it down
	Observers    []account.PersonID `json:"observers,omitempty"`
	Phone        string             `json:"phone,omitempty"`
	Office       string             `json:"office,omitempty"`
	Area         string             `json:"area,omitempty"`
	Team         string             `json:"team,omitempty"`
	Channel      string             `json:"channel,omitempty"`
	Aside        string             `json:"aside,omitempty"` // set aside of a mail: quotations, signature, disclaimer
	Conversation string             `json:"conversation,omitempty"`
}

// Answer returns what d holds for a field, as text, empty if nothing yet.
func (d Draft) Answer(field string) string {
	switch field {
	case FieldBeneficiary:
		if d.ForMe {
			return ForMe
		}
		return d.Beneficiary.String()
	case FieldOffice:
		return d.Office
	case FieldPhone:
		return d.Phone
	case FieldSubject:
		return d.Subject
	case FieldBody:
		return d.Body
	case FieldError:
		return d.ErrorText
	case FieldSince:
		return d.Since
	case FieldImpact:
		return string(d.Impact)
	case FieldDeadline:
		return d.Deadline
	case FieldApplication:
		return d.Application
	default:
		return d.Fields[field]
	}
}

// With returns a copy of d in which a field has this value, as Field.Read
// returned it. An empty value clears the field.
func (d Draft) With(field, value string) Draft {
	switch field {
	case FieldBeneficiary:
		d.ForMe, d.Beneficiary = value == ForMe, Beneficiary{}
		if !d.ForMe {
			d.Beneficiary = readBeneficiary(value)
		}
	case FieldOffice:
		d.Office = value
	case FieldPhone:
		d.Phone = value
	case FieldSubject:
		d.Subject = value
	case FieldBody:
		d.Body = value
	case FieldError:
		d.ErrorText = value
	case FieldSince:
		d.Since = value
	case FieldImpact:
		d.Impact = Impact(value)
	case FieldDeadline:
		d.Deadline = value
	case FieldApplication:
		d.Application = value
	default:
		d.Fields = maps.Clone(d.Fields)
		if d.Fields == nil {
			d.Fields = map[string]string{}
		}
		d.Fields[field] = value
		if value == "" {
			delete(d.Fields, field)
		}
	}
	return d
}
