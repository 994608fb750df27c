package bot

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/internal/phrases"
)

// listChats tells which chats are linked to the person, and offers to unlink
// them.
func (t *turn) listChats() error {
	links, err := account.Links{Store: t.Accounts}.Of(t.ctx, t.person.ID)
	if err != nil {
		return err
	}
	links = links[:min(10, len(links))]
	var lines []string
	var offer []Choice
	for _, l := range links {
		values := fault.Values{
			"Channel": t.channelName(l.Identity.Channel), "Since": phrases.DateTime(t.conv.Lang, l.At.In(t.Book.Zone())), "Here": l.Identity == t.conv.Identity,
		}
		lines = append(lines, "- "+t.tell("chats.line", values))
		if l.Identity != t.conv.Identity { // for this one there is "forget who I am"
			offer = append(offer, t.choice("unlink:"+nameOf(l.Identity), "choice.unlink", values))
		}
	}
	if len(offer) == 0 {
		t.say("chats", "1", "chats.none", nil)
		t.done()
		return nil
	}
	t.say("chats", strconv.Itoa(len(links)), "chats.list", fault.Values{"List": Markdown(strings.Join(lines, "\n"))}, offer...)
	t.done()
	return nil
}

// unlinkChat takes a chat from the person.
func (t *turn) unlinkChat(name string) error {
	links, err := account.Links{Store: t.Accounts}.Of(t.ctx, t.person.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(links, func(l account.Link) bool { return nameOf(l.Identity) == name })
	if i < 0 {
		return t.noLonger()
	}
	t.result.Account.Unlink = &links[i].Identity
	t.say("unlink", links[i].Identity.Channel, "chats.unlinked", fault.Values{"Channel": t.channelName(links[i].Identity.Channel)})
	t.done()
	return nil
}

// nameOf names an identity in a choice: a platform's own ID may be long, or
// hold anything.
func nameOf(i account.Identity) string {
	sum := sha256.Sum256([]byte(i.Channel + "\x00" + i.PlatformID))
	return hex.EncodeToString(sum[:8])
}

// channelName is what people call a channel.
func (t *turn) channelName(channel string) string {
	key := "channel." + channel
	if slices.Contains(namedChannels, channel) {
		return t.Phrases.Say(t.conv.Lang, key, nil)
	}
	return channel
}

// namedChannels have a phrase channel.….
var namedChannels = []string{"widget", "terminal", "portal", "email", "phone", "api", "mattermost", "telegram"}
