package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sportello/internal/mattermostpeer"

	"github.com/mattermost/mattermost/server/public/model"
)

// plainQuestions have one reply each, which tells them apart, whatever was said
// before.
var plainQuestions = []string{"grazie", "sei un robot?", "arrivederci", "buongiorno", "annulla"}

// askers are as many people as write at the same time.
const askers = 50

// postsUnderFire is how many direct messages are posted while each of the two is
// killed so many times; SPORTELLO_POSTS gives another number.
func postsUnderFire(t *testing.T) (posts, kills int) {
	t.Helper()
	posts, kills = 1000, 5
	if text := os.Getenv("SPORTELLO_POSTS"); text != "" {
		var err error
		if posts, err = strconv.Atoi(text); err != nil || posts < askers {
			t.Fatalf("SPORTELLO_POSTS is %q, not a number from %d", text, askers)
		}
	}
	return posts, kills
}

// Fifty people write while Mattermost and the service are killed, in turn. Each
// message is answered exactly once, and in order.
func TestKilledOnMattermostEachMessageIsAnsweredOnceAndInOrder(t *testing.T) {
	posts, kills := postsUnderFire(t)
	c := converse(t, nil)
	replies := c.learn(t)
	people := make([]*asker, askers)
	for i := range people {
		people[i] = c.asker(t, fmt.Sprint("persona", i))
	}
	var said atomic.Int64
	var all sync.WaitGroup
	begin := time.Now()
	for i, p := range people {
		all.Go(func() { p.work(t.Context(), (posts+i)/askers, i, &said) })
	}
	for k := range kills {
		for said.Load() < int64(posts*(k+1)/(kills+1)) && time.Since(begin) < 5*time.Minute {
			time.Sleep(5 * time.Millisecond)
		}
		c.round(t, k)
	}
	all.Wait()
	wrote := time.Since(begin)
	for _, p := range people {
		if p.failure != nil {
			t.Fatalf("%s: %v", p.Username, p.failure)
		}
		p.await(t)
	}
	t.Logf("%d messages of %d people written in %s, Mattermost and the service killed %d times each; all answered %s later, %d posts written again",
		posts, askers, wrote.Round(time.Millisecond), kills, (time.Since(begin) - wrote).Round(time.Millisecond), retried(people))
	time.Sleep(time.Second) // for what might still come twice
	for _, p := range people {
		p.judge(t, replies)
	}
}

// round kills each of the two once: one after the other, or both, and then
// either of them comes back to find the other one gone, or Mattermost after it
// stood still for a while.
func (c *conversing) round(t *testing.T, k int) {
	t.Helper()
	pause := func() { time.Sleep(time.Duration(rand.IntN(700)) * time.Millisecond) }
	back := func() {
		t.Helper()
		pause()
		if err := c.server.Restart(); err != nil {
			t.Fatal(err)
		}
	}
	if k%4 == 3 {
		c.server.Freeze()
		pause()
		pause()
	}
	c.server.Kill()
	switch k % 4 {
	case 0, 3:
		back()
		pause()
		c.kill()
		pause()
		c.start(t)
	case 1:
		c.kill()
		c.start(t)
		back()
	case 2:
		c.kill()
		back()
		c.start(t)
	}
}

// learn asks each question in peace, and returns the replies.
func (c *conversing) learn(t *testing.T) map[string]string {
	t.Helper()
	p := c.asker(t, "quieta")
	hers, replies := p.Listen(), map[string]string{}
	for i, q := range append([]string{plainQuestions[0]}, plainQuestions...) { // the first one is introduced
		p.post(t.Context(), i, q)
		if p.failure != nil {
			t.Fatal(p.failure)
		}
		met := 0
		reply, err := hers.AwaitPost(func(p *model.Post) bool {
			if p.UserId == c.bot.UserId {
				met++
			}
			return met == i+2
		})
		if err != nil {
			t.Fatal(err)
		}
		replies[q] = reply.Post.Message
	}
	if len(replies) != len(plainQuestions) {
		t.Fatalf("the replies do not tell the questions apart: %q", replies)
	}
	return replies
}

// asker is somebody who writes, and writes again what did not arrive.
type asker struct {
	*mattermostpeer.User
	bot, channel string
	asked        []string
	again        int
	failure      error
}

func (c *conversing) asker(t *testing.T, name string) *asker {
	t.Helper()
	u := c.server.User(name, name+"@giustizia.it", "it")
	return &asker{User: u, bot: c.bot.UserId, channel: u.DirectTo(c.bot.UserId)}
}

func retried(people []*asker) (n int) {
	for _, p := range people {
		n += p.again
	}
	return n
}

func (p *asker) work(ctx context.Context, n, first int, said *atomic.Int64) {
	for i := range n {
		if p.post(ctx, i, plainQuestions[(first+i)%len(plainQuestions)]); p.failure != nil {
			return
		}
		said.Add(1)
		time.Sleep(time.Duration(rand.IntN(400)) * time.Millisecond)
	}
}

// post posts until the server has it, once.
func (p *asker) post(ctx context.Context, n int, text string) {
	p.asked = append(p.asked, text)
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		_, _, err := p.Client.CreatePost(ctx, &model.Post{ChannelId: p.channel, Message: text, Props: model.StringInterface{"message": strconv.Itoa(n)}})
		if err == nil {
			return
		}
		there, err := p.arrived(ctx, n, until)
		if err != nil {
			p.failure = err
			return
		}
		if there {
			return
		}
		p.again++
	}
	p.failure = errors.New("the server took no post for a minute")
}

// arrived looks whether the server has a post whose acceptance was lost.
func (p *asker) arrived(ctx context.Context, n int, until time.Time) (bool, error) {
	for {
		list, _, err := p.Client.GetPostsForChannel(ctx, p.channel, 0, 60, "", false, false)
		if err == nil {
			for _, post := range list.Posts {
				if post.UserId == p.Id && post.GetProp("message") == strconv.Itoa(n) {
					return true, nil
				}
			}
			return false, nil
		}
		if time.Now().After(until) {
			return false, err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// posts are those of the channel, oldest first.
func (p *asker) posts(t *testing.T) (all []*model.Post) {
	t.Helper()
	list, _, err := p.Client.GetPostsForChannel(t.Context(), p.channel, 0, 200, "", false, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range slices.Backward(list.Order) {
		all = append(all, list.Posts[id])
	}
	return all
}

// await waits until there are as many replies as messages, after the
// introduction.
func (p *asker) await(t *testing.T) {
	t.Helper()
	replies := 0
	for until := time.Now().Add(2 * time.Minute); time.Now().Before(until); time.Sleep(100 * time.Millisecond) {
		replies = 0
		for _, post := range p.posts(t) {
			if post.UserId == p.bot {
				replies++
			}
		}
		if replies > len(p.asked) {
			return
		}
	}
	t.Errorf("%s: %d messages have %d replies after two minutes", p.Username, len(p.asked), replies-1)
}

// judge compares what stands in the channel with what was to be there.
func (p *asker) judge(t *testing.T, replies map[string]string) {
	t.Helper()
	var asked, got []string
	letters := map[string]bool{}
	for _, post := range p.posts(t) {
		if post.UserId == p.Id {
			asked = append(asked, post.Message)
			continue
		}
		got = append(got, post.Message)
		if letter := letterIn(post); letter == "" || letters[letter] {
			t.Errorf("%s: letter %q was posted twice, or is none", p.Username, letter)
		} else {
			letters[letter] = true
		}
	}
	if !slices.Equal(asked, p.asked) {
		t.Errorf("%s wrote %q, and there is %q", p.Username, p.asked, asked)
	}
	want := []string{}
	for _, q := range p.asked {
		want = append(want, replies[q])
	}
	if len(got) == 0 || !slices.Equal(got[1:], want) {
		t.Errorf("%s wrote %q and was answered\n%q, not\n%q", p.Username, p.asked, got, want)
	}
}
