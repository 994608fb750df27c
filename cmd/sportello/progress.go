package main

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// progress returns what draws a bar on Err while work is long and a person
// watches; it draws nothing for work that is over at once.
func (c *console) progress(what string) func(done, total int) {
	file, is := c.Err.(*os.File)
	if !is || !isTerminal(file) {
		return func(int, int) {}
	}
	const width = 30
	begin, drawn := time.Now(), time.Time{}
	return func(done, total int) {
		now := time.Now()
		if total == 0 || now.Sub(begin) < 300*time.Millisecond || done < total && now.Sub(drawn) < 100*time.Millisecond {
			return
		}
		drawn = now
		full := width * done / total
		fmt.Fprintf(file, "\r%s [%s%s] %d/%d", what, strings.Repeat("#", full), strings.Repeat(".", width-full), done, total)
		if done == total {
			fmt.Fprintln(file)
		}
	}
}

// isTerminal reports whether a person may sit behind file: it is a device, and
// not the one that holds nothing.
func isTerminal(file *os.File) bool {
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	nothing, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, nothing)
}
