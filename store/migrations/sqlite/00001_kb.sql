-- +goose Up
CREATE TABLE kb_articles (
	id          TEXT    NOT NULL,
	lang        TEXT    NOT NULL,
	title       TEXT    NOT NULL,
	questions   TEXT    NOT NULL, -- JSON list
	tags        TEXT    NOT NULL, -- JSON list
	application TEXT    NOT NULL,
	audience    TEXT    NOT NULL,
	status      TEXT    NOT NULL,
	review_by   BIGINT  NOT NULL,
	related     TEXT    NOT NULL, -- JSON list
	body        TEXT    NOT NULL,
	origin      TEXT    NOT NULL,
	hash        TEXT    NOT NULL,
	revision    INTEGER NOT NULL,
	updated_at  BIGINT  NOT NULL,
	updated_by  TEXT    NOT NULL,
	seq         BIGINT  NOT NULL, -- of the latest change
	PRIMARY KEY (id, lang)
);
CREATE UNIQUE INDEX kb_articles_by_change ON kb_articles (seq);

CREATE TABLE kb_revisions (
	id         TEXT    NOT NULL,
	lang       TEXT    NOT NULL,
	revision   INTEGER NOT NULL,
	article    TEXT    NOT NULL, -- JSON
	PRIMARY KEY (id, lang, revision)
);

-- One row. A counter of its own, so that numbers never run backwards and are
-- given in the order of commits.
CREATE TABLE kb_feed (
	last BIGINT NOT NULL
);
INSERT INTO kb_feed (last) VALUES (0);

CREATE TABLE kb_votes (
	id      TEXT    NOT NULL,
	lang    TEXT    NOT NULL,
	voter   TEXT    NOT NULL,
	helpful INTEGER NOT NULL,
	at      BIGINT  NOT NULL,
	PRIMARY KEY (id, lang, voter)
);
