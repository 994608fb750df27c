package channeltest

import "testing"

func staleChoice(t *testing.T, c *talk) {
	c.send("1", "aiuto")
	said := c.news()
	place := len(said) - 1
	label := said[place].Choices[0]
	if _, err := c.channel.Choose(c.ctx, "2", label); err != nil {
		t.Fatal(err)
	}
	if len(c.news()) == 0 {
		t.Fatal("the choice was not answered")
	}
	told, err := c.channel.(Lasting).ChooseOld(c.ctx, "3", place, label)
	if err != nil {
		t.Fatal(err)
	}
	if said := c.news(); told == "" && len(said) == 0 {
		t.Error("a tap on a button whose time is over was met with silence")
	}
	c.send("4", "grazie")
	if len(c.news()) != 1 {
		t.Error("the message after it was not answered once")
	}
}
