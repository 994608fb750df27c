package telegramtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// refusal is what the API answers instead of a result.
type refusal struct {
	code        int
	description string
	parameters  map[string]any
}

func (r *refusal) Error() string { return r.description }

func badRequest(format string, values ...any) *refusal {
	return &refusal{code: http.StatusBadRequest, description: "Bad Request: " + fmt.Sprintf(format, values...)}
}

func forbidden(why string) *refusal {
	return &refusal{code: http.StatusForbidden, description: "Forbidden: " + why}
}

// methods are those we have, by their names in lower case: Telegram does not
// mind the case.
var methods = map[string]struct {
	name string
	call func(*Double, *request) (any, *refusal)
}{}

func method(name string, call func(*Double, *request) (any, *refusal)) {
	methods[strings.ToLower(name)] = struct {
		name string
		call func(*Double, *request) (any, *refusal)
	}{name, call}
}

func init() {
	method("getMe", (*Double).getMe)
	method("setWebhook", (*Double).setWebhook)
	method("deleteWebhook", (*Double).deleteWebhook)
	method("getWebhookInfo", (*Double).getWebhookInfo)
	method("sendMessage", (*Double).sendMessage)
	method("sendDocument", sendFile("document"))
	method("sendPhoto", sendFile("photo"))
	method("sendVoice", sendFile("voice"))
	method("sendMediaGroup", (*Double).sendMediaGroup)
	method("editMessageText", (*Double).editMessageText)
	method("editMessageReplyMarkup", (*Double).editMessageReplyMarkup)
	method("deleteMessage", (*Double).deleteMessage)
	method("answerCallbackQuery", (*Double).answerCallbackQuery)
	method("sendChatAction", (*Double).sendChatAction)
	method("getFile", (*Double).getFile)
	method("getChat", (*Double).getChat)
	method("getChatMember", (*Double).getChatMember)
	method("leaveChat", (*Double).leaveChat)
	method("setMyCommands", (*Double).setMyCommands)
	method("getMyCommands", (*Double).getMyCommands)
	method("deleteMyCommands", (*Double).deleteMyCommands)
	for _, text := range []string{"Name", "Description", "ShortDescription"} {
		method("setMy"+text, setMyText(text))
		method("getMy"+text, getMyText(text))
	}
}

var aCall = regexp.MustCompile(`^/(file/)?bot(\d+:[A-Za-z0-9_-]+)/(.+)$`)

// answer serves one call.
func (d *Double) answer(w http.ResponseWriter, r *http.Request) {
	parts := aCall.FindStringSubmatch(r.URL.Path)
	if parts == nil {
		write(w, nil, &refusal{code: http.StatusNotFound, description: "Not Found"})
		return
	}
	d.mu.Lock()
	opens := parts[2] == d.token
	d.mu.Unlock()
	if !opens {
		_, _ = io.Copy(io.Discard, r.Body)
		write(w, nil, &refusal{code: http.StatusUnauthorized, description: "Unauthorized"})
		return
	}
	if parts[1] != "" {
		d.download(w, r, parts[3])
		return
	}
	in, refused := read(w, r)
	if refused != nil {
		write(w, nil, refused)
		return
	}
	if strings.EqualFold(parts[3], "getUpdates") {
		d.count("getUpdates")
		if d.before(w, r, "getUpdates") {
			updates, refused := d.getUpdates(r.Context(), in)
			d.mu.Lock()
			lost := refused == nil && d.throws(AnswerLost, "getUpdates")
			d.mu.Unlock()
			if lost {
				panic(http.ErrAbortHandler)
			}
			write(w, updates, refused)
		}
		return
	}
	m, known := methods[strings.ToLower(parts[3])]
	if !known {
		write(w, nil, &refusal{code: http.StatusNotFound, description: "Not Found"})
		return
	}
	d.count(m.name)
	d.begin(1)
	defer d.begin(-1)
	if !d.before(w, r, m.name) || r.Context().Err() != nil { // nobody listens any more: it was never accepted
		return
	}
	d.mu.Lock()
	if d.server == nil { // gone meanwhile
		d.mu.Unlock()
		panic(http.ErrAbortHandler)
	}
	d.accepted++
	defer func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.accepted--
		d.change()
	}()
	result, refused := m.call(d, in)
	lost := refused == nil && d.throws(AnswerLost, m.name)
	if made, is := result.(posted); is && lost {
		d.lost += len(made.messages())
	}
	d.change()
	d.mu.Unlock()
	if lost {
		panic(http.ErrAbortHandler)
	}
	if made, is := result.(posted); is {
		result = made.result()
	}
	write(w, result, refused)
}

func (d *Double) count(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls[name]++
}

func (d *Double) begin(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.working += n
	d.change()
}

// before does to a call what befalls it on its way here. It reports whether
// the call arrives.
func (d *Double) before(w http.ResponseWriter, r *http.Request, name string) bool {
	d.mu.Lock()
	var wait time.Duration
	if d.throws(Slow, name) {
		wait = time.Duration(d.dice.Int64N(int64(d.faults.Latency) + 1))
	}
	var fault Fault
	for _, f := range []Fault{TooMany, ServerError, BadGateway, Dropped} {
		if d.throws(f, name) {
			fault = f
			break
		}
	}
	after := max(d.faults.RetryAfter, 1)
	d.mu.Unlock()
	if wait > 0 {
		select {
		case <-time.After(wait):
		case <-r.Context().Done():
			return false
		}
	}
	switch fault {
	case TooMany:
		write(w, nil, &refusal{
			code: http.StatusTooManyRequests, description: "Too Many Requests: retry after " + strconv.Itoa(after), parameters: map[string]any{"retry_after": after},
		})
	case ServerError:
		write(w, nil, &refusal{code: http.StatusInternalServerError, description: "Internal Server Error"})
	case BadGateway:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n")
	case Dropped:
		panic(http.ErrAbortHandler)
	default:
		return true
	}
	return false
}

func write(w http.ResponseWriter, result any, refused *refusal) {
	body := map[string]any{"ok": true, "result": result}
	status := http.StatusOK
	if refused != nil {
		status = refused.code
		body = map[string]any{"ok": false, "error_code": refused.code, "description": refused.description}
		if refused.parameters != nil {
			body["parameters"] = refused.parameters
		}
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // it is all ours
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text) // who went away does not read it
	_ = http.NewResponseController(w).Flush()
}
