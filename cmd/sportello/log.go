package main

import (
	"fmt"
	"io"
	"log/slog"
)

func (c logConfig) level() (slog.Level, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		return level, fmt.Errorf("log.level: %q is none of debug, info, warn, error", c.Level)
	}
	return level, nil
}

// logger writes to w; the level was checked with the configuration.
func (c logConfig) logger(w io.Writer) *slog.Logger {
	level, _ := c.level() // checked
	options := &slog.HandlerOptions{Level: level}
	if c.JSON {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
