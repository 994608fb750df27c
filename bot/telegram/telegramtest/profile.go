package telegramtest

import (
	"encoding/json"
	"regexp"
	"unicode/utf8"
)

// profile is what people see of the bot before they write.
type profile struct {
	commands map[string][]command // by scope and language
	texts    map[string]string    // by kind and language
}

type command struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

func (d *Double) bot() map[string]any {
	return map[string]any{"id": d.BotID, "is_bot": true, "first_name": "Sportello", "username": d.Username}
}

func (d *Double) getMe(*request) (any, *refusal) {
	me := d.bot()
	me["can_join_groups"], me["can_read_all_group_messages"], me["supports_inline_queries"] = true, !d.privacy, false
	return me, nil
}

var (
	aCommand  = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)
	aLanguage = regexp.MustCompile(`^([a-z]{2})?$`)
)

// shelf is where commands of a scope and language are kept.
func shelf(in *request) (string, *refusal) {
	scope := struct {
		Type string `json:"type"`
	}{"default"}
	if refused := in.object("scope", &scope); refused != nil {
		return "", refused
	}
	if !aLanguage.MatchString(in.values["language_code"]) {
		return "", badRequest("invalid language code specified")
	}
	return scope.Type + "/" + in.values["language_code"], nil
}

func (d *Double) setMyCommands(in *request) (any, *refusal) {
	where, refused := shelf(in)
	if refused != nil {
		return nil, refused
	}
	var commands []command
	if err := json.Unmarshal([]byte(in.values["commands"]), &commands); err != nil {
		return nil, badRequest("can't parse commands list: expected an Array of BotCommand")
	}
	if len(commands) > 100 {
		return nil, badRequest("BOT_COMMANDS_TOO_MUCH")
	}
	for _, c := range commands {
		if !aCommand.MatchString(c.Command) {
			return nil, badRequest("BOT_COMMAND_INVALID")
		}
		if n := utf8.RuneCountInString(c.Description); n < 1 || n > 256 {
			return nil, badRequest("BOT_COMMAND_DESCRIPTION_INVALID")
		}
	}
	d.profile.commands[where] = commands
	return true, nil
}

func (d *Double) getMyCommands(in *request) (any, *refusal) {
	where, refused := shelf(in)
	if refused != nil {
		return nil, refused
	}
	return append([]command{}, d.profile.commands[where]...), nil
}

func (d *Double) deleteMyCommands(in *request) (any, *refusal) {
	where, refused := shelf(in)
	if refused != nil {
		return nil, refused
	}
	delete(d.profile.commands, where)
	return true, nil
}

// The texts of a profile: the parameter, and how long it may be.
var profileTexts = map[string]struct {
	field string
	most  int
}{
	"Name": {"name", 64}, "Description": {"description", 512}, "ShortDescription": {"short_description", 120},
}

func setMyText(kind string) func(*Double, *request) (any, *refusal) {
	return func(d *Double, in *request) (any, *refusal) {
		text := profileTexts[kind]
		if utf8.RuneCountInString(in.values[text.field]) > text.most {
			return nil, badRequest("the %s is too long", text.field)
		}
		if !aLanguage.MatchString(in.values["language_code"]) {
			return nil, badRequest("invalid language code specified")
		}
		d.profile.texts[kind+"/"+in.values["language_code"]] = in.values[text.field]
		return true, nil
	}
}

func getMyText(kind string) func(*Double, *request) (any, *refusal) {
	return func(d *Double, in *request) (any, *refusal) {
		said, known := d.profile.texts[kind+"/"+in.values["language_code"]]
		if !known {
			said = d.profile.texts[kind+"/"]
		}
		return map[string]any{profileTexts[kind].field: said}, nil
	}
}

func (d *Double) getChat(in *request) (any, *refusal) {
	c, refused := d.chat(in)
	if refused != nil {
		return nil, refused
	}
	return c.api(), nil
}

func (d *Double) getChatMember(in *request) (any, *refusal) {
	c, refused := d.chat(in)
	if refused != nil {
		return nil, refused
	}
	who := in.int("user_id", 0)
	if who == d.BotID {
		return map[string]any{"user": d.bot(), "status": "member"}, nil
	}
	for _, p := range c.members {
		if p.ID == who {
			return map[string]any{"user": p.api(), "status": "member"}, nil
		}
	}
	return nil, badRequest("member not found")
}

func (d *Double) leaveChat(in *request) (any, *refusal) {
	c, refused := d.chat(in)
	if refused != nil {
		return nil, refused
	}
	if c.kind == "private" {
		return nil, badRequest("chat member status can't be changed in private chats")
	}
	c.out = "bot is not a member of the " + c.kind + " chat"
	return true, nil
}
