package rank

import (
	"cmp"
	"math"
	"slices"

	"sportello/search"
)

// depth is how many hits count.
const depth = 10

// Answer is what an index said to one question.
type Answer struct {
	ID         string          `json:"id"`
	Decision   search.Decision `json:"decision"`
	Confidence float64         `json:"confidence"`
	Hits       []string        `json:"hits"`
}

// Quality says how good a set of answers is.
type Quality struct {
	Queries             int     `json:"queries"`
	MRR                 float64 `json:"mrr@10"`
	Recall1             float64 `json:"recall@1"`
	Recall3             float64 `json:"recall@3"`
	Recall10            float64 `json:"recall@10"`
	NDCG                float64 `json:"ndcg@10"`
	AnsweredRight       int     `json:"answered_right"`
	AnsweredWrong       int     `json:"answered_wrong"`
	ClarifiedRight      int     `json:"clarified_right"`
	ClarifiedWrong      int     `json:"clarified_wrong"`
	AbstainedInScope    int     `json:"abstained_in_scope"`
	AbstainedOutOfScope int     `json:"abstained_out_of_scope"`
	OutOfScope          int     `json:"out_of_scope"`
	AUC                 float64 `json:"auc"`
	ECE                 float64 `json:"ece"`
}

// Measure judges answers. MRR, recall and nDCG are means over the questions
// that have an answer; recall@N is the part of them with a right article among
// the first N. A clarification is right if one of its three choices is. AUC and
// ECE judge the confidence that the first hit is right, over all questions.
func Measure(answers []Answer, grades map[string]map[string]int) Quality {
	q := Quality{Queries: len(answers)}
	inScope := 0.0
	confidence, right := make([]float64, len(answers)), make([]bool, len(answers))
	for i, a := range answers {
		grade := grades[a.ID]
		place := slices.IndexFunc(a.Hits[:min(depth, len(a.Hits))], func(id string) bool { return grade[id] > 0 })
		confidence[i], right[i] = a.Confidence, place == 0
		q.decided(a.Decision, place, len(grade) > 0)
		if len(grade) == 0 {
			q.OutOfScope++
			continue
		}
		inScope++
		if place >= 0 {
			q.MRR += 1 / float64(place+1)
			q.Recall10++
		}
		if place == 0 {
			q.Recall1++
		}
		if place >= 0 && place < 3 {
			q.Recall3++
		}
		q.NDCG += ndcg(a.Hits, grade)
	}
	if inScope > 0 {
		for _, sum := range []*float64{&q.MRR, &q.Recall1, &q.Recall3, &q.Recall10, &q.NDCG} {
			*sum /= inScope
		}
	}
	q.AUC, q.ECE = AUC(confidence, right), ECE(confidence, right)
	return q
}

// decided counts one decision; place is that of the first right hit, or -1.
func (q *Quality) decided(d search.Decision, place int, inScope bool) {
	switch {
	case d == search.Answer && place == 0:
		q.AnsweredRight++
	case d == search.Answer:
		q.AnsweredWrong++
	case d == search.Clarify && place >= 0 && place < 3:
		q.ClarifiedRight++
	case d == search.Clarify:
		q.ClarifiedWrong++
	case inScope:
		q.AbstainedInScope++
	default:
		q.AbstainedOutOfScope++
	}
}

// ndcg discounts the grades of hits by their place.
func ndcg(hits []string, grade map[string]int) float64 {
	sum, ideal := 0.0, 0.0
	for i, id := range hits[:min(depth, len(hits))] {
		sum += float64(grade[id]) / math.Log2(float64(i+2))
	}
	var best []int
	for _, g := range grade {
		best = append(best, g)
	}
	slices.SortFunc(best, func(a, b int) int { return b - a })
	for i, g := range best[:min(depth, len(best))] {
		ideal += float64(g) / math.Log2(float64(i+2))
	}
	if ideal == 0 {
		return 0
	}
	return sum / ideal
}

// AUC is the probability that a right answer had the greater confidence than a
// wrong one; 0.5 if there are not both.
func AUC(confidence []float64, right []bool) float64 {
	order := byConfidence(confidence)
	positives, negatives, ranks := 0.0, 0.0, 0.0
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && confidence[order[j]] == confidence[order[i]] {
			j++
		}
		mean := float64(i+j+1) / 2 // of the ranks i+1 … j
		for _, n := range order[i:j] {
			if right[n] {
				positives++
				ranks += mean
			} else {
				negatives++
			}
		}
		i = j
	}
	if positives == 0 || negatives == 0 {
		return 0.5
	}
	return (ranks - positives*(positives+1)/2) / (positives * negatives)
}

// Bin is a tenth of the answers, by confidence.
type Bin struct {
	Said, Was float64 // mean confidence, and the part that was right
	Answers   int
}

// Reliability puts answers into ten bins of equal numbers, the least confident
// first.
func Reliability(confidence []float64, right []bool) []Bin {
	order := byConfidence(confidence)
	const bins = 10
	all := make([]Bin, bins)
	for b := range all {
		for _, n := range order[b*len(order)/bins : (b+1)*len(order)/bins] {
			all[b].Answers++
			all[b].Said += confidence[n]
			if right[n] {
				all[b].Was++
			}
		}
		if n := float64(all[b].Answers); n > 0 {
			all[b].Said /= n
			all[b].Was /= n
		}
	}
	return all
}

// ECE is the mean distance between confidence and truth in the bins of
// Reliability.
func ECE(confidence []float64, right []bool) float64 {
	sum := 0.0
	for _, b := range Reliability(confidence, right) {
		sum += math.Abs(b.Said-b.Was) * float64(b.Answers)
	}
	return sum / math.Max(float64(len(confidence)), 1)
}

func byConfidence(confidence []float64) []int {
	order := make([]int, len(confidence))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(confidence[a], confidence[b]) })
	return order
}
