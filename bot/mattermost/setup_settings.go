package mattermost

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"sportello/internal/checklist"
	"sportello/internal/fault"
)

// settings looks at those of the server that the assistant needs. They are
// everybody's, so what is wrong is told and not changed. A bot's token works
// whether or not people may have such tokens.
func (w *work) settings(ctx context.Context) error {
	services := w.config.ServiceSettings
	wanted := func(id string, right bool, values fault.Values) {
		if right {
			w.tell(id, checklist.Okay, "", values)
		} else {
			w.tell(id, checklist.ToDo, id+"_click", values)
		}
	}
	site := strings.TrimSuffix(*services.SiteURL, "/")
	if site == "" {
		wanted("site_url", false, fault.Values{"URL": w.Config.URL})
	} else if site != w.Config.URL {
		w.tell("site_url", checklist.Note, "site_url_other", fault.Values{"URL": w.Config.URL, "Site": site})
	} else {
		wanted("site_url", true, nil)
	}
	wanted("bot_accounts", *services.EnableBotAccountCreation, nil)
	if w.Config.CallbackURL == "" {
		w.tell("callbacks", checklist.Note, "callbacks_none", nil)
		return nil
	}
	wanted("commands", *services.EnableCommands, nil)
	host, allowed := w.mayCall(ctx)
	wanted("callbacks", allowed, fault.Values{"URL": w.Config.CallbackURL, "Host": host})
	return nil
}

// mayCall tells whether the server lets itself call the callback URL. Addresses
// of internal networks, and its own, it calls only if they are listed.
func (w *work) mayCall(ctx context.Context) (host string, allowed bool) {
	u, err := url.Parse(w.Config.CallbackURL)
	if err != nil {
		return w.Config.CallbackURL, false
	}
	host = u.Hostname()
	list := strings.FieldsFunc(*w.config.ServiceSettings.AllowedUntrustedInternalConnections, func(r rune) bool { return r == ',' || r == ' ' })
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil { // the server may know a name that we do not
		return host, true
	}
	own := ""
	if server, err := url.Parse(w.Config.URL); err == nil {
		own = server.Hostname()
	}
	for _, ip := range found {
		if (internal(ip) || host == own) && !listed(list, host, ip) {
			return host, false
		}
	}
	return host, true
}

// internal tells an address that the server takes for one of an internal
// network.
func internal(ip netip.Addr) bool {
	ip = ip.Unmap()
	shared := netip.MustParsePrefix("100.64.0.0/10") // of providers, behind their own translation
	return ip.IsPrivate() || ip.IsLoopback() || ip.IsUnspecified() || ip.IsLinkLocalUnicast() || ip.IsMulticast() || shared.Contains(ip)
}

// listed tells whether the server's list covers a host: by its name as it is
// called, or by a network around its address.
func listed(list []string, host string, ip netip.Addr) bool {
	for _, entry := range list {
		if entry == host {
			return true
		}
		if network, err := netip.ParsePrefix(entry); err == nil && network.Contains(ip.Unmap()) {
			return true
		}
	}
	return false
}

// addresses finds out whether an address in a profile is proven to be its
// owner's, and marks it down: a bot cannot see that of a single person.
func (w *work) addresses(ctx context.Context) error {
	how := w.proven()
	if w.Check {
		w.tell("addresses", checklist.Note, how, nil)
		return nil
	}
	mark := ""
	if w.list.Trust = how != "addresses_unproven"; w.list.Trust {
		mark = w.Now().UTC().Format("2006-01-02")
	}
	if err := w.SetMark(ctx, VerifiedMark, mark); err != nil {
		return err
	}
	switch {
	case !w.list.Trust:
		w.tell("addresses", checklist.Note, how, nil)
	case !*w.config.PrivacySettings.ShowEmailAddress: // then we see none
		w.tell("addresses", checklist.Note, "addresses_hidden", nil)
	default:
		w.tell("addresses", checklist.Okay, how, nil)
	}
	return nil
}

// proven says why addresses in profiles are proven, as a phrase, or that they
// are not: everybody must confirm theirs, or everybody comes in by a directory
// or provider that knows it.
func (w *work) proven() string {
	mail := w.config.EmailSettings
	if *mail.RequireEmailVerification {
		return "addresses_confirmed"
	}
	c := w.config
	single := *c.GitLabSettings.Enable || *c.GoogleSettings.Enable || *c.Office365Settings.Enable || *c.OpenIdSettings.Enable ||
		*c.SamlSettings.Enable || *c.LdapSettings.Enable
	if single && !*mail.EnableSignUpWithEmail && !*mail.EnableSignInWithEmail && !*mail.EnableSignInWithUsername {
		return "addresses_provided"
	}
	return "addresses_unproven"
}
