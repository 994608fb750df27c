package telegram

type api struct{}
