package mattermost

import (
	"context"
	"errors"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
)

// VerifiedMark names what set-up remembers once it found that the server lets
// nobody in with an address that is not theirs.
const VerifiedMark = "email-verified"

// errUnverified is what Health tells while profiles are to be trusted, and nobody
// found that they can be.
var errUnverified = errors.New("mattermost.trust_email has no effect: sportello mattermost setup has not found that the server verifies addresses")

// distrust tells why the addresses of profiles are not believed although they
// should be; nil if they are, or should not be.
func (c *Channel) distrust(ctx context.Context) error {
	if !c.Config.TrustEmail {
		return nil
	}
	found, err := c.Engine.Store.Mark(ctx, Name, VerifiedMark)
	if err == nil && found == "" {
		err = errUnverified
		c.Log.WarnContext(ctx, "profiles are not believed", "error", err)
	}
	return err
}

// vouch lets a direct conversation know its person by the address of their
// profile, if that is to be trusted: once. Whoever wants to be forgotten after
// that, stays so.
func (c *Channel) vouch(ctx context.Context, k *client, id bot.ConversationID, user string) (err error) {
	defer fault.Wrap(&err, "recognise somebody by their profile")
	if !c.Config.TrustEmail {
		return nil
	}
	if found, err := c.Engine.Store.Mark(ctx, Name, VerifiedMark); err != nil || found == "" {
		return err
	}
	_, err = c.Engine.Accounts.PersonByIdentity(ctx, account.Identity{Channel: Name, PlatformID: user})
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	if met, err := c.Engine.Met(ctx, id); met || err != nil {
		return err
	}
	who, err := k.user(ctx, user)
	if err != nil {
		return err
	}
	if who.IsBot || who.GetRemoteID() != "" { // this server has not verified them
		return nil
	}
	address, external, err := c.Engine.Domains.Decide(who.Email)
	if err != nil { // none, or not one of ours: there is still the code
		return nil
	}
	person, err := c.Engine.Accounts.PersonByEmail(ctx, address)
	if fault.Is(err, fault.NotFound) {
		person, err = account.NewPerson(address, external, langOf(who), c.Now()), nil
	}
	if err != nil {
		return err
	}
	if err := c.Engine.Recognise(ctx, id, person, nil); err != nil && !fault.Is(err, fault.Conflict) {
		return err
	}
	return nil
}
