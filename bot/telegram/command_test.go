package telegram

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"sportello/bot"
	"sportello/internal/phrases"
)

func TestCommandsAreRead(t *testing.T) {
	for text, want := range map[string][3]string{
		"/stato": {"stato", "", ""}, " /Stato ": {"stato", "", ""}, "/stato@SportelloBot": {"stato", "SportelloBot", ""},
		"/ticket la stampante\nnon va": {"ticket", "", "la stampante\nnon va"}, "/stato@b 2026-1": {"stato", "b", "2026-1"},
	} {
		command, to, rest, is := parseCommand(text)
		if got := [3]string{command, to, rest}; !is || got != want {
			t.Errorf("%q is read as %q, %v", text, got, is)
		}
	}
	for _, text := range []string{"", "/", "über /help", "//x", "/è", "1/2", "/a-b", "/x@", "a /x"} {
		if command, _, _, is := parseCommand(text); is {
			t.Errorf("%q is read as the command %q", text, command)
		}
	}
}

func TestTheAssistantUnderstandsTheWordsOfEveryCommand(t *testing.T) {
	told, err := phrases.Read(os.DirFS("../../content/phrases"))
	if err != nil {
		t.Fatal(err)
	}
	intents, err := bot.ReadIntents(os.DirFS("../../content/intents"))
	if err != nil {
		t.Fatal(err)
	}
	for phrase, want := range map[string]bot.Intent{
		"telegram.says.start": bot.Greet, "telegram.says.help": bot.Help, "telegram.says.status": bot.TicketStatus,
		"telegram.says.ticket": bot.TicketOpen, "telegram.says.operator": bot.Human, "telegram.says.unlink": bot.ForgetMe,
	} {
		for _, lang := range []string{"it", "en"} {
			if got := intents.Match(lang, told.Say(lang, phrase, nil)); got != want {
				t.Errorf("%s in %s is understood as %q, not %q", phrase, lang, got, want)
			}
		}
	}
	for lang, want := range map[string]bot.Intent{"it": bot.SpeakItalian, "en": bot.SpeakEnglish} {
		if got := intents.Match(lang, told.Say(lang, "telegram.says.language", nil)); got != want {
			t.Errorf("the word for %s is understood as %q", lang, got)
		}
	}
	for _, m := range menus {
		for _, name := range m.commands {
			if commands[name] == "" {
				t.Errorf("the menu shows /%s, which means nothing", name)
			}
		}
	}
}

func TestTheBotsNameIsFoundAsAWordOnly(t *testing.T) {
	for text, want := range map[string]string{
		"@HelpBot la stampante": "la stampante", "la stampante, @helpbot": "la stampante", "ciao @HelpBot, la stampante": "ciao , la stampante",
		"@HelpBot": "", "riga\n@HelpBot due": "riga\ndue", "@HelpBot: aiuto": "aiuto",
	} {
		if got, named := withoutName(text, "HelpBot"); !named || got != want {
			t.Errorf("%q becomes %q, %v, want %q", text, got, named, want)
		}
	}
	for _, text := range []string{"HelpBot", "@HelpBots", "a@HelpBot", "@HelpBot_2", "@AltroBot", ""} {
		if got, named := withoutName(text, "HelpBot"); named || got != text {
			t.Errorf("%q names us", text)
		}
	}
}

func FuzzCommand(f *testing.F) {
	for _, text := range []string{"/stato", "/stato@b x", "über /help", "/\x00", "@HelpBot /x", "/a\n/b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if command, to, rest, is := parseCommand(text); is && (command == "" || strings.ContainsAny(command+to, " /@\n") || !strings.Contains(text, rest)) {
			t.Errorf("%q is read as %q for %q with %q", text, command, to, rest)
		}
		if got, named := withoutName(text, "HelpBot"); !named && got != text || utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Errorf("%q becomes %q, %v", text, got, named)
		}
	})
}
