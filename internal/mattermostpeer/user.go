package mattermostpeer

import (
	"context"

	"github.com/mattermost/mattermost/server/public/model"
)

// User is somebody with an account, signed in.
type User struct {
	*model.User
	Client *model.Client4

	server *Server
}

// User makes somebody in the team, whose address is verified, and signs them
// in. The locale is the one of their profile, such as "it".
func (s *Server) User(name, email, locale string) *User {
	s.t.Helper()
	ctx := context.Background()
	made, _, err := s.Admin.Client.CreateUser(ctx, &model.User{Username: name, Email: email, Password: Password, Locale: locale})
	if err != nil {
		s.t.Fatal(err)
	}
	if _, _, err := s.Admin.Client.VerifyUserEmailWithoutToken(ctx, made.Id); err != nil {
		s.t.Fatal(err)
	}
	s.join(made.Id)
	u := &User{User: made, Client: s.client(), server: s}
	if _, _, err := u.Client.Login(ctx, name, Password); err != nil {
		s.t.Fatal(err)
	}
	return u
}

func (s *Server) join(user string) {
	s.t.Helper()
	if _, _, err := s.Admin.Client.AddTeamMember(context.Background(), s.Team.Id, user); err != nil {
		s.t.Fatal(err)
	}
}

// Bot makes a bot account in the team, with the least rights, and returns it
// with an access token of its own.
func (s *Server) Bot(name string) (bot *model.Bot, token string) {
	s.t.Helper()
	ctx := context.Background()
	bot, _, err := s.Admin.Client.CreateBot(ctx, &model.Bot{Username: name, DisplayName: "Assistente"})
	if err != nil {
		s.t.Fatal(err)
	}
	access, _, err := s.Admin.Client.CreateUserAccessToken(ctx, bot.UserId, "prova")
	if err != nil {
		s.t.Fatal(err)
	}
	s.join(bot.UserId)
	return bot, access.Token
}

// DirectTo is the ID of the direct channel between the user and another one.
func (u *User) DirectTo(other string) string {
	u.server.t.Helper()
	channel, _, err := u.Client.CreateDirectChannel(context.Background(), u.Id, other)
	if err != nil {
		u.server.t.Fatal(err)
	}
	return channel.Id
}

// Post writes into a channel, in the thread of root unless that is empty.
func (u *User) Post(channel, root, text string) *model.Post {
	u.server.t.Helper()
	post, _, err := u.Client.CreatePost(context.Background(), &model.Post{ChannelId: channel, RootId: root, Message: text})
	if err != nil {
		u.server.t.Fatal(err)
	}
	return post
}
