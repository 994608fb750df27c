package bot

import "sportello/internal/fault"

// smallTalk answers courtesies, complaints and questions about the assistant
// itself.
func (t *turn) smallTalk() (bool, error) {
	switch t.intent {
	case Greet:
		t.say("greet", "", "bot.greet", nil)
	case Thanks:
		t.say("thank", "", "bot.thank", nil)
	case Goodbye:
		t.say("goodbye", "", "bot.goodbye", nil)
	case Complaint:
		t.say("sorry", "", "bot.sorry", nil, t.choice("human", "choice.human"), t.choice("ticket", "choice.ticket"))
	case Insult:
		t.say("calm", "", "bot.calm", nil, t.choice("human", "choice.human"), t.choice("ticket", "choice.ticket"))
	case Help:
		t.say("help", "", "bot.help", nil, t.choice("ticket", "choice.ticket"), t.choice("status", "choice.status"), t.choice("phone", "choice.phone"))
	case Identity:
		t.say("identity", "bot", "bot.identity", nil, t.choice("human", "choice.human"))
	case WhoAmI:
		if t.conv.Public {
			return true, t.goPrivate(errandWhoAmI)
		}
		t.whoAmI()
	case Privacy:
		t.say("privacy", "", "bot.privacy", fault.Values{"URL": Markdown(t.SiteURL + "/privacy")})
	case Solved:
		return true, t.solved()
	case Unsolved:
		if len(t.conv.Topic.Articles) == 0 {
			return false, nil
		}
		return true, t.unsolved()
	case No:
		if t.conv.Asked.What == "rephrase" {
			return true, t.noneOfThese()
		}
		if t.conv.Topic.Question == "" {
			t.say("thank", "", "bot.fine", nil)
			return true, nil
		}
		t.say("ask", "question", "bot.what_else", nil)
	case None:
		if t.conv.Topic.Question == "" {
			t.say("ask", "question", "bot.what", nil)
			return true, nil
		}
		return true, t.noneOfThese()
	case Skip:
		t.say("ask", "question", "bot.what", nil)
	case Next:
		t.say("ask", "question", "bot.what_else", nil)
	case Yes:
		if t.conv.Topic.Question == "" {
			t.say("ask", "question", "bot.what", nil)
			return true, nil
		}
		t.say("ask", "question", "bot.what_else", nil)
	default:
		return false, nil
	}
	if t.conv.Form != nil {
		return true, t.resumeForm()
	}
	return true, nil
}
