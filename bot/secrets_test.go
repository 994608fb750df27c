package bot_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// What is masked on arrival is in no event, no ticket and no letter: the bytes
// of the database are searched for it.
func TestSecretsReachNoFile(t *testing.T) {
	dir := t.TempDir()
	engine, db := newEngine(t, dir, func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) })
	hold(t, engine, db, []string{
		"la mia password è Zuppa-44 e la stampante è ferma",
		"apri un ticket per la stampante", "sì", "per me", "Tribunale di Bari, RSSMRA85T10A562S", "va bene così",
		"Non stampa. pw: Zuppa-44, IBAN IT60X0542811101000000123456", "solo io", "il PIN è 83619", "non lo so", "080 5551234", "invia",
		"vorrei aggiungere un messaggio", "Il mio codice fiscale è RSSMRA85T10A562S, password Zuppa-44", "i miei ticket",
	}, true, func() {})
	told := false
	err := filepath.WalkDir(dir, func(file string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		kept, err := os.ReadFile(file)
		for _, secret := range []string{"Zuppa-44", "RSSMRA85T10A562S", "IT60X0542811101000000123456", "83619"} {
			if bytes.Contains(bytes.ToLower(kept), bytes.ToLower([]byte(secret))) {
				t.Errorf("%s holds %q", filepath.Base(file), secret)
			}
		}
		told = told || bytes.Contains(kept, []byte("080 5551234")) // the number to call back is no secret
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !told {
		t.Error("the ticket was not kept at all")
	}
}
