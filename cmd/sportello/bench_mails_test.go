package main

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

func TestTheMixOfMailsIsTakenInAtARatePrintedByTheBenchmark(t *testing.T) {
	var out, errs bytes.Buffer
	a, err := open(t.Context(), options{config: defaultConfig(), data: t.TempDir(), log: slog.New(slog.NewTextHandler(&errs, &slog.HandlerOptions{Level: slog.LevelWarn})), memory: true})
	if err != nil {
		t.Fatal(err)
	}
	defer a.close()
	if err := a.benchMails(t.Context(), &console{Out: &out}, 200, spread{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "bar 100/s") || errs.Len() > 0 {
		t.Errorf("%s%s", &out, &errs)
	}
	t.Log(out.String())
	judgeMails(t, a.data, 200, true)
}
