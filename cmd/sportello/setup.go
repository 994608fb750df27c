package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"sportello/internal/checklist"
	"sportello/internal/fault"
)

// toldStep is a step of a set-up as programs read it.
type toldStep struct {
	ID     string          `json:"id"`
	State  checklist.State `json:"state"`
	Text   string          `json:"text"`
	Detail string          `json:"detail,omitempty"`
}

// setUp tells what the set-up of a channel found and did, and the configuration
// that goes with it, if it came that far. The words of a step are the phrase
// <channel>.setup.<ID>. It fails if something is left to do.
func (c *console) setUp(channel string, list checklist.List, block string, asJSON bool) error {
	steps, left := []toldStep{}, list.Left()
	for _, s := range list {
		told := toldStep{ID: s.ID, State: s.State, Text: say(channel+".setup."+s.ID, s.Values)}
		if s.Detail != "" {
			told.Detail = say(s.Detail, s.Values)
		}
		steps = append(steps, told)
	}
	if asJSON {
		if err := json.NewEncoder(c.Out).Encode(map[string]any{"ready": left == 0 && block != "", "steps": steps, "configuration": block}); err != nil {
			return err
		}
	} else {
		for _, s := range steps {
			fmt.Fprintf(c.Out, "%-8s %s\n", say("setup.state_"+strings.ReplaceAll(string(s.State), " ", ""), nil), s.Text)
			if s.Detail != "" {
				fmt.Fprintf(c.Out, "%-8s %s\n", "", s.Detail)
			}
		}
		if block != "" {
			fmt.Fprintf(c.Out, "\n%s\n\n%s", say("setup.configure", nil), block)
		}
	}
	if left > 0 {
		fmt.Fprintln(c.Err, "sportello:", say("setup.left", fault.Values{"Count": left}))
		return errTold
	}
	return nil
}
