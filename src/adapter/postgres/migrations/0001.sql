-- Tables of the store, in the schema that the search path names.
--
-- Ids, keys, hashes and versions are sixteen octets each and kept as uuid: one octet less than bytea,
-- compared octet by octet everywhere, no collation. Points in time are microseconds since 1970 in
-- bigint, so that every time the contract can say comes back; to_timestamp(created / 1e6) shows one.
-- The tenant comes first in every primary key but that of the register.
--
-- Portability: tables, primary keys and partial unique indexes as CockroachDB, YugabyteDB and Citus
-- have them; no column default, no foreign key, no sequence, no trigger. PostgreSQL 15 is run;
-- the others are untested.

-- What the store knows of itself: the stamp of its key maker.
create table if not exists property (
    name text not null,
    value bytea not null,
    primary key (name)
);

-- Filed mails. Keys: a kind and sixteen octets each, in the order in which they were given.
create table if not exists mail (
    created bigint not null,
    tenant uuid not null,
    id uuid not null,
    conversation uuid not null,
    keys bytea not null,
    primary key (tenant, id)
);

-- One row a key that is looked up. All of it is in the primary key, so a look-up reads the index
-- alone, from its newest end.
create table if not exists mail_key (
    created bigint not null,
    tenant uuid not null,
    hash uuid not null,
    id uuid not null,
    kind smallint not null,
    primary key (tenant, kind, hash, created, id)
);

-- A Message-ID (kind 1) is filed once a tenant.
create unique index if not exists mail_key_message_id on mail_key (tenant, hash) where kind = 1;

-- Everything that is kept under an id of its own. Keys as in mail, so that what a record gives up is
-- known from the row that is locked.
create table if not exists record (
    modified bigint not null,
    tenant uuid not null,
    id uuid not null,
    version uuid not null,
    kind smallint not null,
    active boolean not null,
    unique_keys bytea not null,
    lookup_keys bytea not null,
    body text not null,
    primary key (tenant, kind, id)
);

-- What one record at most has.
create table if not exists unique_key (
    tenant uuid not null,
    hash uuid not null,
    id uuid not null,
    space smallint not null,
    kind smallint not null,
    primary key (tenant, space, hash)
);

-- What records are looked up by; read as mail_key is.
create table if not exists lookup_key (
    modified bigint not null,
    tenant uuid not null,
    hash uuid not null,
    id uuid not null,
    sort smallint not null,
    kind smallint not null,
    primary key (tenant, sort, hash, modified, id, kind)
);

-- Claims of sends.
create table if not exists send_claim (
    at bigint not null,
    tenant uuid not null,
    message uuid not null,
    journey uuid not null,
    tile uuid not null,
    claimant uuid not null,
    state smallint not null,
    recipient bytea not null,
    primary key (tenant, message, journey, tile, recipient)
);

-- The open ones (state 0) are few among the sent, and a restart asks for them alone.
create index if not exists send_claim_open
    on send_claim (tenant, message, journey, tile, recipient) where state = 0;

-- Names that one tenant of all can have: the one key that no tenant comes first in. until is null
-- where the registration lasts.
create table if not exists registration (
    space smallint not null,
    name text collate "C" not null,
    tenant uuid not null,
    until bigint,
    primary key (space, name)
);

-- Numbers that are handed out once.
create table if not exists number_sequence (
    next bigint not null,
    tenant uuid not null,
    id uuid not null,
    sort smallint not null,
    primary key (tenant, sort, id)
);
