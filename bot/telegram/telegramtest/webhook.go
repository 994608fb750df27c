package telegramtest

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"
)

// webhook is where updates are posted to.
type webhook struct {
	url, secret string
	most        int
	failedAt    time.Time
	failure     string
	underWay    int
	stop        context.CancelFunc
	ended       chan struct{}
}

// end stops the deliveries. The lock is held; what is returned closes when
// they have ended.
func (h *webhook) end() <-chan struct{} {
	ended := h.ended
	if ended == nil {
		ended = make(chan struct{})
		close(ended)
	} else {
		h.stop()
	}
	h.url, h.secret, h.stop, h.ended, h.failure = "", "", nil, nil, ""
	return ended
}

var aSecret = regexp.MustCompile(`^[A-Za-z0-9_-]{0,256}$`)

func (d *Double) setWebhook(in *request) (any, *refusal) {
	address := in.values["url"]
	if address == "" {
		return d.deleteWebhook(in)
	}
	parsed, err := url.Parse(address)
	switch {
	case err != nil || parsed.Hostname() == "":
		return nil, badRequest("invalid webhook URL specified")
	case parsed.Scheme != "https" && !loopback(parsed.Hostname()):
		return nil, badRequest("bad webhook: An HTTPS URL must be provided for webhook")
	case !aSecret.MatchString(in.values["secret_token"]):
		return nil, badRequest("secret token contains unallowed characters")
	}
	if refused := d.allow(in); refused != nil {
		return nil, refused
	}
	if in.bool("drop_pending_updates") {
		d.queue.waiting = nil
	}
	d.hook.end()
	background, stop := context.WithCancel(context.Background())
	d.hook = webhook{
		url: address, secret: in.values["secret_token"], most: min(max(int(in.int("max_connections", 40)), 1), 100), underWay: d.hook.underWay,
		stop: stop, ended: make(chan struct{}),
	}
	go d.deliver(background, d.hook)
	return true, nil
}

// WebhookURL is where updates are posted to; empty if nowhere.
func (d *Double) WebhookURL() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.hook.url
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func (d *Double) deleteWebhook(in *request) (any, *refusal) {
	d.hook.end()
	if in.bool("drop_pending_updates") {
		d.queue.waiting = nil
	}
	return true, nil
}

func (d *Double) getWebhookInfo(*request) (any, *refusal) {
	info := map[string]any{"url": d.hook.url, "has_custom_certificate": false, "pending_update_count": len(d.queue.waiting)}
	if d.hook.url != "" {
		info["max_connections"], info["ip_address"] = d.hook.most, "127.0.0.1"
	}
	if d.hook.failure != "" {
		info["last_error_message"], info["last_error_date"] = d.hook.failure, d.hook.failedAt.Unix()
	}
	if d.queue.allowed != nil {
		info["allowed_updates"] = d.queue.allowed
	}
	return info, nil
}

// How long the server waits before it posts an update again. The real one
// waits longer.
const (
	firstRetry = 50 * time.Millisecond
	lastRetry  = time.Second
)

// deliver posts what waits: different lines side by side, each line in order,
// until ctx is done.
func (d *Double) deliver(ctx context.Context, hook webhook) {
	defer close(hook.ended)
	var lines sync.WaitGroup
	defer lines.Wait()
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: hook.most}}
	defer client.CloseIdleConnections()
	free := make(chan struct{}, hook.most)
	busy := map[int64]bool{}
	for {
		d.mu.Lock()
		changed := d.changed
		var next []update
		for _, u := range d.queue.waiting {
			if !busy[u.line] {
				busy[u.line] = true
				next = append(next, u)
			}
		}
		d.hook.underWay += len(next)
		d.mu.Unlock()
		for _, u := range next {
			lines.Go(func() {
				select {
				case free <- struct{}{}:
					d.deliverLine(ctx, client, hook, u)
					<-free
				case <-ctx.Done():
				}
				d.mu.Lock()
				defer d.mu.Unlock()
				d.hook.underWay--
				delete(busy, u.line)
				d.change()
			})
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
	}
}

// overtaking is how much earlier an update comes that overtakes another.
const overtaking = 50 * time.Millisecond

// deliverLine posts the first update of a line, and what faults make of it.
func (d *Double) deliverLine(ctx context.Context, client *http.Client, hook webhook, u update) {
	d.mu.Lock()
	var later *update // overtakes u
	d.queue.posted = max(d.queue.posted, u.id)
	if next, is := d.queue.behind(u); is && d.throws(OutOfOrder, "") {
		later, d.queue.posted = &next, next.id
	}
	d.mu.Unlock()
	if later != nil {
		var side sync.WaitGroup
		defer side.Wait()
		side.Go(func() {
			if d.post(ctx, client, hook, *later) == nil { // else it comes in its turn
				d.taken(*later)
			}
		})
		select {
		case <-ctx.Done():
		case <-time.After(overtaking):
		}
	}
	d.insist(ctx, client, hook, u)
}

// behind is the update that follows u in its line, if it can overtake u:
// requests on their way pass one another, so it must be newer than all that
// were posted, and none before it may still wait.
func (q *queue) behind(u update) (update, bool) {
	for _, other := range q.waiting {
		switch {
		case other.id <= u.id:
		case other.line == u.line:
			return other, other.id > q.posted
		case other.id > q.posted:
			return other, false
		}
	}
	return update{}, false
}

// insist posts an update until the bot took it.
func (d *Double) insist(ctx context.Context, client *http.Client, hook webhook, u update) {
	for pause := firstRetry; ; pause = min(2*pause, lastRetry) {
		err := d.post(ctx, client, hook, u)
		d.mu.Lock()
		if err == nil && d.throws(HookUnheard, "") {
			err = complain("Connection reset by peer")
		}
		if err != nil && ctx.Err() == nil {
			d.hook.failure, d.hook.failedAt = err.Error(), time.Now()
		}
		again := err == nil && d.throws(Duplicated, "")
		d.mu.Unlock()
		if again {
			_ = d.post(ctx, client, hook, u)
		}
		if err == nil {
			break
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
	d.taken(u)
}

// taken takes an update out of the queue.
func (d *Double) taken(u update) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queue.waiting = slices.DeleteFunc(d.queue.waiting, func(waiting update) bool { return waiting.id == u.id })
	d.change()
}

func (d *Double) post(ctx context.Context, client *http.Client, hook webhook, u update) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.url, bytes.NewReader(u.body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	if hook.secret != "" {
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", hook.secret)
	}
	answer, err := client.Do(r)
	if err != nil {
		return complain("Connection refused")
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<20))
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return complain("Wrong response from the webhook: %s", strconv.Itoa(answer.StatusCode)+" "+http.StatusText(answer.StatusCode))
	}
	return nil
}
