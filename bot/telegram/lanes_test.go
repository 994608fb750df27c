package telegram

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-telegram/bot/models"
)

// By polling the parts of an album come one by one, whoever is quick.
func TestThePartsOfAnAlbumWaitForOneAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var worked []string
		lanes := newLanes(albumPause, func(_ context.Context, updates []update) error {
			var ids []int64
			for _, u := range updates {
				ids = append(ids, u.ID)
			}
			worked = append(worked, fmt.Sprint(ids))
			return nil
		})
		come := func(id int64, album string) {
			lanes.add(t.Context(), update{Update: models.Update{ID: id, Message: &models.Message{MediaGroupID: album}}, chat: 1}, func(error) {})
			time.Sleep(albumPause - time.Millisecond)
		}
		for id := range int64(3) {
			come(1+id, "one")
		}
		time.Sleep(albumPause)
		come(4, "one") // too late
		time.Sleep(albumPause)
		come(5, "two")
		come(6, "") // nobody writes between the parts: the album is whole
		for id := range int64(mostInAlbum) {
			come(10+id, "three")
		}
		lanes.running.Wait()
		if want := []string{"[1 2 3]", "[4]", "[5]", "[6]", "[10 11 12 13 14 15 16 17 18 19]"}; !slices.Equal(worked, want) {
			t.Errorf("together came %v, not %v", worked, want)
		}
	})
}
