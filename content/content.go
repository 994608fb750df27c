// Package content embeds everything an editor may want to change: articles,
// phrases, intents, synonyms, the catalogue, the phone tree, judged questions
// and conversation scripts. It is data only; the packages that own each part
// parse it. A folder of the same shape, named by content.folder in the
// configuration, is laid over it file by file.
package content

import "embed"

// FS is the shipped content.
//
//go:embed all:*
var FS embed.FS
