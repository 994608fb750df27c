package tickets_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"sportello/tickets"
)

// lined is a mistake told with its file and line.
var lined = regexp.MustCompile(`(catalogue|applications)\.yaml:(\d+| \[\d+)`)

func shipped(t testing.TB) tickets.Catalogue {
	t.Helper()
	c, err := tickets.ReadCatalogue(os.DirFS("../content"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The catalogue of the domain brief, section 4: each type with the required
// fields that are its own.
const catalogue = `
accesso          sblocco-account        username
accesso          reset-password         username
accesso          secondo-fattore        username
accesso          nuova-utenza           job start-date authoriser
accesso          trasferimento          username from-office to-office
accesso          cessazione             username end-date
abilitazioni     nuovo-profilo          application requested-role register authoriser
abilitazioni     modifica-profilo       application requested-role register authoriser
abilitazioni     revoca-profilo         application requested-role register authoriser
civile           pct-deposito           application court
civile           registri-civili        application court
civile           consolle               application court
civile           pst-reginde            application court
penale           app                    application court role
penale           sicp                   application court role
penale           tiap                   application court role
penale           pdp                    application court role
penale           snt                    application court role
cassazione       cassazione-avvocati    lawyer-kind
cassazione       cassazione-magistrati  court-user-kind
intercettazioni  adi-accesso            role
intercettazioni  adi-malfunzionamento   role
amministrativi   sicoge                 application function
amministrativi   spedigius              application function
amministrativi   protocollo             application function
amministrativi   presenze               application function
firma            carta-lettore          card-kind
firma            pin-puk                card-kind
firma            carta-rinnovo          card-kind
firma            errore-firma           card-kind
posta            posta-peo              mailbox
posta            pec                    mailbox
posta            casella-condivisa      mailbox owner people mailbox-right
posta            teams                  mailbox
posta            onedrive               mailbox
posta            mail-sospetta          mailbox clicked
postazione       pc-guasto              label room
postazione       pc-sostituzione        label room
postazione       stampante-scanner      label room
postazione       installazione-software label room program reason authoriser
postazione       periferiche            label room
rete             rete-assente
rete             vpn
rete             nuova-vpn
rete             cartella-rete          path folder-right
rete             recupero-file          path
telefonia        telefono-guasto        extension room
telefonia        nuovo-interno          extension room
telefonia        spostamento-interno    extension room
altro            informazioni
altro            reclamo
`

func TestTheShippedCatalogueIsThatOfTheService(t *testing.T) {
	common := []string{"beneficiary", "office", "subject", "body", "impact"}
	var got strings.Builder
	for _, category := range shipped(t).Categories {
		for _, r := range category.Types {
			got.WriteString(category.ID + " " + r.ID)
			asks := r.Asks("it")
			for i, ask := range asks {
				if i < len(common) {
					if ask.Field.ID != common[i] {
						t.Errorf("%s asks for %s where all ask for %s", r.ID, ask.Field.ID, common[i])
					}
					continue
				}
				got.WriteString(" " + ask.Field.ID)
			}
			got.WriteString("\n")
			if r.Category != category.ID {
				t.Errorf("%s says it is in %q", r.ID, r.Category)
			}
		}
	}
	var want strings.Builder
	for line := range strings.Lines(strings.TrimLeft(catalogue, "\n")) {
		want.WriteString(strings.Join(strings.Fields(line), " ") + "\n")
	}
	if diff := cmp.Diff(want.String(), got.String()); diff != "" {
		t.Errorf("required fields (-want +got):\n%s", diff)
	}
}

func TestAQuestionIsAskedInTheReadersLanguageWithItsReason(t *testing.T) {
	r, found := shipped(t).Request("pc-guasto")
	if !found {
		t.Fatal("pc-guasto is not in the catalogue")
	}
	for lang, want := range map[string]string{"it": "etichetta", "en": "label", "de": "etichetta"} {
		asks := r.Asks(lang)
		last := asks[len(asks)-2]
		if !strings.Contains(last.Question, want) || last.Why == "" || last.Field.ID != "label" {
			t.Errorf("in %q: %+v", lang, last)
		}
	}
}

func TestTheArchiveOfInterceptionsTakesLittleTextAndWarns(t *testing.T) {
	c := shipped(t)
	r, _ := c.Request("adi-accesso")
	body, _ := r.Field(tickets.FieldBody)
	if body.Max > 500 || !strings.Contains(r.Warning.In("it"), "Non inserisca contenuti") {
		t.Errorf("body of %d characters, warning %q", body.Max, r.Warning.In("it"))
	}
	other, _ := c.Request("informazioni")
	if body, _ := other.Field(tickets.FieldBody); body.Max != tickets.MaxBody {
		t.Errorf("other requests are limited to %d characters", body.Max)
	}
}

func TestNoFieldAsksForASecret(t *testing.T) {
	for _, category := range shipped(t).Categories {
		for _, r := range category.Types {
			for _, f := range r.Fields {
				for _, label := range f.Label {
					words := strings.Fields(strings.ToLower(label))
					for _, secret := range []string{"password", "pin", "puk", "otp"} {
						if slices.Contains(words, secret) {
							t.Errorf("%s asks for %q", r.ID, label)
						}
					}
				}
			}
		}
	}
}

// Each mistake an editor can make, and where it is told.
func TestEveryMistakeInTheCatalogueIsToldWithItsLine(t *testing.T) {
	text := map[string]string{}
	for _, file := range []string{"catalogue.yaml", "applications.yaml"} {
		content, err := os.ReadFile("../content/" + file)
		if err != nil {
			t.Fatal(err)
		}
		text[file] = string(content)
	}
	for name, test := range map[string]struct {
		file, old, new string
		want           []string
	}{
		"no YAML":                     {"catalogue.yaml", "common: [", "common: [[", []string{"catalogue.yaml: ", "["}},
		"an unknown key":              {"applications.yaml", "external: true", "extern: true", []string{"applications.yaml: ", "extern"}},
		"a field twice":               {"catalogue.yaml", "- id: job\n", "- id: username\n", []string{"username: there are two of this field"}},
		"no English":                  {"catalogue.yaml", `en: "Since when"`, `fr: "Depuis"`, []string{`since: label has no text in "en"`}},
		"a kind that is none":         {"catalogue.yaml", "kind: date", "kind: day", []string{`start-date: no kind of field is called "day"`}},
		"one choice":                  {"catalogue.yaml", "      - {id: modifica, label: {it: \"Modifica\", en: \"Change\"}}\n", "", []string{"folder-right: a choice needs at least two"}},
		"a choice twice":              {"catalogue.yaml", "{id: modifica,", "{id: lettura,", []string{`folder-right: choice "lettura" is there twice`}},
		"a field that is not defined": {"catalogue.yaml", "fields: [extension*, room*]", "fields: [extension*, rom*]", []string{`telefonia: no field is called "rom"`}},
		"a common field missing":      {"catalogue.yaml", "impact*, ", "", []string{`common: the field "impact" is missing`}},
		"a field used twice":          {"catalogue.yaml", "fields: [job*, ", "fields: [job*, job, ", []string{`nuova-utenza: the field "job" is there twice`}},
		"a type twice":                {"catalogue.yaml", "id: reclamo", "id: informazioni", []string{"informazioni: there are two of this request type"}},
		"an ID with a space":          {"catalogue.yaml", "id: reclamo", "id: un reclamo", []string{"un reclamo: the ID of a request type"}},
		"an application twice":        {"applications.yaml", "- id: sigma", "- id: telefono", []string{"telefono: there are two of this application"}},
		"an alias of two":             {"applications.yaml", "aliases: [noi pa, ", "aliases: [siamm, ", []string{`noipa: "siamm" is also a name of spedigius`}},
		"no branch":                   {"applications.yaml", `phone: "3.1"`, `phone: "31"`, []string{`sicoge: phone "31"`}},
		"a request that is none":      {"applications.yaml", "request: rete-assente", "request: rete", []string{`rete: no request type is called "rete"`}},
		"a category that is none":     {"applications.yaml", "category: telefonia", "category: telefoni", []string{`telefono: no category is called "telefoni"`}},
		"two mistakes at once":        {"catalogue.yaml", "kind: date", "kind: day", []string{"start-date: no kind", "end-date: no kind"}},
	} {
		t.Run(name, func(t *testing.T) {
			n := 1
			if len(test.want) > 1 {
				n = -1
			}
			files := fstest.MapFS{}
			for file, content := range text {
				if file == test.file {
					changed := strings.Replace(content, test.old, test.new, n)
					if changed == content {
						t.Fatalf("%q is not in %s", test.old, file)
					}
					content = changed
				}
				files[file] = &fstest.MapFile{Data: []byte(content)}
			}
			_, err := tickets.ReadCatalogue(files)
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error is %v, want it to tell %q", err, want)
				}
			}
			if err != nil && !lined.MatchString(err.Error()) {
				t.Errorf("no file and line in %v", err)
			}
		})
	}
}

func TestAMissingFileIsTold(t *testing.T) {
	_, err := tickets.ReadCatalogue(fstest.MapFS{})
	for _, file := range []string{"catalogue.yaml", "applications.yaml"} {
		if err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("error is %v, want it to name %s", err, file)
		}
	}
}

func FuzzReadCatalogue(f *testing.F) {
	for _, file := range []string{"catalogue.yaml", "applications.yaml"} {
		content, err := os.ReadFile("../content/" + file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(content[:2000]), string(content[:500]))
	}
	f.Add("fields: [{id: subject}]\ncommon: [subject*]", "- {id: a, name: B, careful: {words: [x]}}")
	f.Fuzz(func(t *testing.T, catalogue, applications string) {
		c, err := tickets.ReadCatalogue(fstest.MapFS{
			"catalogue.yaml":    {Data: []byte(catalogue)},
			"applications.yaml": {Data: []byte(applications)},
		})
		if err != nil {
			return
		}
		for _, a := range c.Applications {
			if _, known := c.Request(a.Request); !known {
				t.Errorf("%s asks for %s, which is not there", a.ID, a.Request)
			}
			c.FindApplication(a.Name + " " + catalogue)
		}
	})
}
