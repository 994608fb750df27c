package mail

import (
	"regexp"
	"strings"

	"sportello/account"
)

// longestDiagnostic is in characters.
const longestDiagnostic = 300

// diagnosis is what a server said, fit to be kept.
func diagnosis(said string) string { return cut(line(said), longestDiagnostic) }

var enhanced = regexp.MustCompile(`(?:^|[^0-9.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:[^0-9.]|\.?$|\.\s)`)

// statusIn finds an enhanced status code in what a server said, or makes one
// of its plain code.
func statusIn(said string) string {
	if found := enhanced.FindStringSubmatch(said); found != nil {
		return found[1]
	}
	if code := plainCode.FindStringSubmatch(said); code != nil {
		return plainCodes[code[1]]
	}
	return ""
}

var plainCode = regexp.MustCompile(`(?:^|[\s:#(])(550|551|553|552|554|450|451|452)(?:[\s:;,)-]|$)`)

// plainCodes are what SMTP's old codes mostly mean; most of them say anything.
var plainCodes = map[string]string{
	"550": "5.0.0", "551": "5.1.6", "553": "5.0.0", "552": "5.2.2", "554": "5.0.0", "450": "4.2.0", "451": "4.3.0", "452": "4.2.2",
}

// unknown is how servers say, without a code, that there is no such mailbox.
var unknown = regexp.MustCompile(`(?i)no such (user|mailbox|recipient|address|person)|(user|mailbox|recipient|address|account)( is| was)? (unknown|not found)|unknown (user|mailbox|recipient|address)|(mailbox|account|user|e-?mail address) (does not|doesn't|did not|couldn't be|could not be|wasn't) (exist|found)|does not exist|not a known user|no mailbox here by that name|unrouteable address|mailbox unavailable|account (is )?disabled|recipient address rejected: user`)

// later is how they say that they will go on trying.
var later = regexp.MustCompile(`(?i)(warning|delayed|not yet been delivered|will (be retried|keep trying|continue to try|retry)|do not need to resend|delivery.{0,20}delay)`)

// copies begin the copy of the mail that came back, in reports made of text.
var copies = regexp.MustCompile(`(?im)^[ \t]*(?:-+ ?(?:Below this line is a copy of the message\.?|This is a copy of (?:the|your) message.*|Original message.*|Unsent message below|The original message.*|Returned message.*|Message header follows.*) ?-*)[ \t]*\r?$`)

// splitCopy parts what a report says from the mail that it returns.
func splitCopy(text string) (words, copied string) {
	at := copies.FindStringIndex(text)
	if at == nil {
		return text, ""
	}
	copied = strings.TrimLeft(text[at[1]:], "\r\n")
	if first, rest, _ := strings.Cut(copied, "\n"); strings.HasPrefix(strings.ToLower(first), "return-path:") && !strings.Contains(first, "@") {
		copied = rest // an empty path is no field that readers take
	}
	return text[:at[0]], copied
}

var (
	reportedID = regexp.MustCompile(`(?i)message-?id:?\s*<([^<>\s@]{1,200}@[^<>\s]{1,200})>`)
	tags       = regexp.MustCompile(`(?s)<style.*?</style>|<script.*?</script>|</?[a-zA-Z!][^<>]*>`)
)

func messageIDIn(words string) string {
	if found := reportedID.FindStringSubmatch(words); found != nil {
		return found[1]
	}
	return ""
}

// withoutTags makes text of HTML, as far as looking for an address needs it.
func withoutTags(html string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&nbsp;", " ", "&#64;", "@", "&amp;", "&").Replace(tags.ReplaceAllString(html, " "))
}

// guess finds whom a report is about in what it tells people: the recipients
// that its head names, or those at the start of a paragraph that gives a
// reason. A report that names nobody is about whom the mail was for.
func (r *report) guess() []recipient {
	var all []recipient
	action := "failed"
	if later.MatchString(r.head.Get("Subject")+" "+r.words) && !permanent.MatchString(r.words) {
		action = "delayed"
	}
	for _, name := range strings.FieldsFunc(r.head.Get("X-Failed-Recipients"), func(c rune) bool { return c == ',' || c == ' ' || c == '\n' || c == '\t' }) {
		if len(all) == mostBounces {
			break
		}
		all = append(all, recipient{address: name, action: action, diagnostic: reasonFor(r.words, name)})
	}
	if len(all) == 0 {
		all = r.paragraphs(action)
	}
	if len(all) == 0 && (r.formal || permanent.MatchString(r.words)) && r.original != nil {
		if address, found := account.FindAddress(r.original.Get("To")); found {
			all = append(all, recipient{address: address, action: action, diagnostic: r.words})
		}
	}
	for i, a := range all {
		status := statusIn(a.diagnostic)
		if (status == "" || strings.HasSuffix(status, ".0.0")) && action == "failed" && unknown.MatchString(a.diagnostic) {
			status = "5.1.1"
		}
		all[i].status = status
		if action == "failed" && strings.HasPrefix(status, "4") {
			all[i].status = "5" + status[1:] // it gave up
		}
	}
	return all
}

// permanent is how servers say that they have given up.
var permanent = regexp.MustCompile(`(?i)permanent|given up|could not be delivered|couldn't be delivered|cannot be delivered|can't be delivered|did not reach|undeliverable|delivery (has )?failed|failed to deliver|wasn't delivered|was not delivered|unable to deliver|returned to sender|non recapitat|impossibile recapitare|mancato recapito`)

var opener = regexp.MustCompile(`^[ \t>*-]*<?([^\s<>:;,"()]+@[^\s<>:;,"()]+?)>?(?:[ :;,\t(].*)?$`)

// paragraphs are those of the words that begin with an address.
func (r *report) paragraphs(action string) []recipient {
	if !permanent.MatchString(r.words) && action != "delayed" {
		return nil
	}
	var all []recipient
	lines := strings.Split(strings.ReplaceAll(r.words, "\r\n", "\n"), "\n")
	for i := 0; i < len(lines) && len(all) < mostBounces; i++ {
		found := opener.FindStringSubmatch(strings.TrimRight(lines[i], " \t"))
		if found == nil {
			continue
		}
		reason := []string{lines[i]}
		for i+1 < len(lines) && strings.TrimSpace(lines[i+1]) != "" && opener.FindStringSubmatch(lines[i+1]) == nil {
			i++
			reason = append(reason, lines[i])
		}
		all = append(all, recipient{address: found[1], action: action, diagnostic: strings.Join(reason, " ")})
	}
	return all
}

// reasonFor is the paragraph that names an address, with the one line after it.
func reasonFor(words, address string) string {
	lines := strings.Split(strings.ReplaceAll(words, "\r\n", "\n"), "\n")
	for i, text := range lines {
		if !strings.Contains(strings.ToLower(text), strings.ToLower(address)) {
			continue
		}
		reason := []string{text}
		for _, next := range lines[i+1:] {
			if strings.TrimSpace(next) == "" || len(reason) > 10 {
				break
			}
			reason = append(reason, next)
		}
		return strings.Join(reason, " ")
	}
	return words
}
