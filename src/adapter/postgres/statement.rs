//! Every statement that the store sends.
//!
//! Each is for one tenant, takes lists as arrays and is one round trip. Where a list meets a table,
//! the table is asked inside `lateral (.. limit ..)`: such a subquery is not flattened into a join,
//! so the planner's only choice is how to find a few rows by key, and that is the index at any size
//! of the list. Arrays come sorted where rows are locked or inserted: the outer side of the nested
//! loop is read in its order, which makes it the order of the locks.
//!
//! Portability, of all: PostgreSQL 15 is run. `unnest` of several arrays with ordinality, `lateral`,
//! `on conflict` and `returning` are in CockroachDB, YugabyteDB and Citus (whose router sends a
//! statement with one tenant to one shard); none of the three was run: untested. What is particular
//! to a statement stands beside it.

use super::options::SchemaName;

macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:literal;)*) => {
        /// The statements, with the tables of one schema.
        #[derive(Debug)]
        pub(super) struct Statements {
            $($(#[$doc])* pub(super) $name: String,)*
        }

        impl Statements {
            pub(super) fn new(schema: &SchemaName) -> Self {
                // No string in them holds an `@` but before a table.
                let tables = format!("\"{schema}\".");
                Self { $($name: $sql.replace('@', &tables),)* }
            }

            /// Name and text of each.
            pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
                [$((stringify!($name), self.$name.as_str()),)*].into_iter()
            }
        }
    };
}

statements! {
    /// Newest mails by key, with how many there are: at most 64 entries of one index are read for
    /// each look-up, and they are its count, too. The window functions see those 64 alone.
    ///
    /// The limit of 64 is a constant since CockroachDB takes no other; how many rows are wanted is
    /// decided outside.
    find = "\
        select l.at, p.found, p.id, p.created, m.conversation, m.keys \
        from unnest($2::smallint[], $3::uuid[], $4::bigint[], $5::bigint[], $6::smallint[], $7::boolean[]) \
            with ordinality as l (kind, hash, since, until, wanted, carry, at) \
        cross join lateral ( \
            select n.id, n.created, count(*) over () as found, \
                row_number() over (order by n.created desc, n.id desc) as place \
            from (select k.id, k.created from @mail_key k \
                where k.tenant = $1 and k.kind = l.kind and k.hash = l.hash \
                    and k.created >= l.since and k.created <= l.until \
                order by k.created desc, k.id desc limit 64) n) p \
        cross join lateral ( \
            select r.conversation, case when l.carry then r.keys end as keys \
            from @mail r where r.tenant = $1 and r.id = p.id limit 1) m \
        where p.place <= l.wanted \
        order by l.at, p.place";
    /// Most recently modified records by key, with how many there are. At most 64 entries of one index
    /// are read for each look-up, as in `find`. But a bulk match asks for a thousand keys that hardly
    /// more than one record carries: windows begun anew for each were a fifth of its time, so one
    /// window goes over the entries of all.
    ///
    /// They are sorted before their records are fetched. The order at the end is the window's, in its
    /// words: said as `place`, it would have the server sort again, bodies included.
    find_records = "\
        select p.at, p.found, p.kind, p.id, r.version, r.modified, r.active, r.unique_keys, \
            r.lookup_keys, r.body \
        from (select l.at, l.wanted, k.kind, k.id, k.modified, \
                count(*) over w as found, row_number() over w as place \
            from unnest($2::smallint[], $3::uuid[], $4::smallint[]) \
                with ordinality as l (sort, hash, wanted, at) \
            cross join lateral ( \
                select k.kind, k.id, k.modified from @lookup_key k \
                where k.tenant = $1 and k.sort = l.sort and k.hash = l.hash \
                order by k.modified desc, k.id desc, k.kind desc limit 64) k \
            window w as (partition by l.at order by k.modified desc, k.id desc, k.kind desc \
                rows between unbounded preceding and unbounded following)) p \
        cross join lateral ( \
            select r.version, r.modified, r.active, r.unique_keys, r.lookup_keys, r.body \
            from @record r \
            where r.tenant = $1 and r.kind = p.kind and r.id = p.id limit 1) r \
        where p.place <= p.wanted \
        order by p.at, p.modified desc, p.id desc, p.kind desc";
    /// Records by reference.
    load = "\
        select w.at, w.kind, w.id, r.version, r.modified, r.active, r.unique_keys, r.lookup_keys, \
            r.body \
        from unnest($2::smallint[], $3::uuid[]) with ordinality as w (kind, id, at) \
        cross join lateral ( \
            select r.version, r.modified, r.active, r.unique_keys, r.lookup_keys, r.body \
            from @record r \
            where r.tenant = $1 and r.kind = w.kind and r.id = w.id limit 1) r";
    /// Who has unique keys.
    holders = "\
        select w.at, u.kind, u.id \
        from unnest($2::smallint[], $3::uuid[]) with ordinality as w (space, hash, at) \
        cross join lateral ( \
            select u.kind, u.id from @unique_key u \
            where u.tenant = $1 and u.space = w.space and u.hash = w.hash limit 1) u";
    /// The first page of the records of a kind.
    list = "\
        select r.kind, r.id, r.version, r.modified, r.active, r.unique_keys, r.lookup_keys, r.body \
        from @record r where r.tenant = $1 and r.kind = $2 order by r.id limit $3";
    /// A later page. The condition is not written `$4 is null or ..`: that would read from the start.
    list_after = "\
        select r.kind, r.id, r.version, r.modified, r.active, r.unique_keys, r.lookup_keys, r.body \
        from @record r where r.tenant = $1 and r.kind = $2 and r.id > $4 order by r.id limit $3";
    /// Claims by scope and recipient.
    claims = "\
        select w.at, c.claimant, c.at, c.state \
        from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::bytea[]) \
            with ordinality as w (message, journey, tile, recipient, at) \
        cross join lateral ( \
            select c.claimant, c.at, c.state from @send_claim c \
            where c.tenant = $1 and c.message = w.message and c.journey = w.journey \
                and c.tile = w.tile and c.recipient = w.recipient limit 1) c";
    /// A page of the claims of a scope. An empty recipient key is none, so it comes before the first.
    claim_page = "\
        select c.recipient, c.claimant, c.at, c.state from @send_claim c \
        where c.tenant = $1 and c.message = $2 and c.journey = $3 and c.tile = $4 \
            and c.recipient > $5 order by c.recipient limit $6";
    /// A page of the open ones. The state is a constant, which is how the partial index is found.
    claim_page_open = "\
        select c.recipient, c.claimant, c.at, c.state from @send_claim c \
        where c.tenant = $1 and c.message = $2 and c.journey = $3 and c.tile = $4 \
            and c.recipient > $5 and c.state = 0 order by c.recipient limit $6";
    /// A page of the sent ones: most claims are.
    claim_page_sent = "\
        select c.recipient, c.claimant, c.at, c.state from @send_claim c \
        where c.tenant = $1 and c.message = $2 and c.journey = $3 and c.tile = $4 \
            and c.recipient > $5 and c.state = 1 order by c.recipient limit $6";
    /// Registrations by name. On Citus the table is a reference table.
    registrations = "\
        select w.at, r.tenant, r.until \
        from unnest($1::smallint[], $2::text[]) with ordinality as w (space, name, at) \
        cross join lateral ( \
            select r.tenant, r.until from @registration r \
            where r.space = w.space and r.name = w.name limit 1) r";
    /// The next numbers: one statement of its own, so the row is locked for no longer than it takes.
    /// No row comes back where the sequence is at its end.
    allocate = "\
        insert into @number_sequence as s (tenant, sort, id, next) values ($1, $2, $3, 1 + $4::bigint) \
        on conflict (tenant, sort, id) do update set next = s.next + $4::bigint \
            where s.next <= 9223372036854775807 - $4::bigint \
        returning s.next - $4::bigint";

    /// Which of these mails are filed.
    mails_present = "\
        select w.id from unnest($2::uuid[]) as w (id) \
        cross join lateral ( \
            select 1 from @mail m where m.tenant = $1 and m.id = w.id limit 1) m";
    /// Which mails have these Message-IDs.
    message_ids_present = "\
        select w.hash, k.id from unnest($2::uuid[]) as w (hash) \
        cross join lateral ( \
            select k.id from @mail_key k \
            where k.tenant = $1 and k.hash = w.hash and k.kind = 1 limit 1) k";
    /// Locks mails that are to be forgotten, and says under which keys they are.
    lock_mails = "\
        select w.id, m.created, m.keys from unnest($2::uuid[]) as w (id) \
        cross join lateral ( \
            select m.created, m.keys from @mail m \
            where m.tenant = $1 and m.id = w.id limit 1 for update) m";
    /// Locks records that are to be written, and says what they have.
    lock_records = "\
        select w.kind, w.id, r.version, r.modified, r.unique_keys, r.lookup_keys \
        from unnest($2::smallint[], $3::uuid[]) as w (kind, id) \
        cross join lateral ( \
            select r.version, r.modified, r.unique_keys, r.lookup_keys from @record r \
            where r.tenant = $1 and r.kind = w.kind and r.id = w.id limit 1 for update) r";
    /// Which of these records are there.
    versions_present = "\
        select w.kind, w.id, r.version \
        from unnest($2::smallint[], $3::uuid[]) as w (kind, id) \
        cross join lateral ( \
            select r.version from @record r \
            where r.tenant = $1 and r.kind = w.kind and r.id = w.id limit 1) r";
    /// Locks claims that are to be changed.
    lock_claims = "\
        select w.at, c.claimant, c.at, c.state \
        from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::bytea[]) \
            with ordinality as w (message, journey, tile, recipient, at) \
        cross join lateral ( \
            select c.claimant, c.at, c.state from @send_claim c \
            where c.tenant = $1 and c.message = w.message and c.journey = w.journey \
                and c.tile = w.tile and c.recipient = w.recipient limit 1 for update) c";

    /// Takes keys of forgotten mails away.
    delete_mail_keys = "\
        delete from @mail_key k \
        using unnest($2::smallint[], $3::uuid[], $4::bigint[], $5::uuid[]) as w (kind, hash, created, id) \
        where k.tenant = $1 and k.kind = w.kind and k.hash = w.hash and k.created = w.created \
            and k.id = w.id";
    /// Takes mails away.
    delete_mails = "\
        delete from @mail m using unnest($2::uuid[]) as w (id) where m.tenant = $1 and m.id = w.id";
    /// Files mails. Without a target, `on conflict` covers every unique index.
    insert_mails = "\
        insert into @mail (tenant, id, created, conversation, keys) \
        select $1, w.id, w.created, w.conversation, w.keys \
        from unnest($2::uuid[], $3::bigint[], $4::uuid[], $5::bytea[]) as w (id, created, conversation, keys) \
        on conflict do nothing";
    /// Files their keys: a Message-ID that is there already makes one row less.
    insert_mail_keys = "\
        insert into @mail_key (tenant, kind, hash, created, id) \
        select $1, w.kind, w.hash, w.created, w.id \
        from unnest($2::smallint[], $3::uuid[], $4::bigint[], $5::uuid[]) as w (kind, hash, created, id) \
        on conflict do nothing";
    /// Takes records away.
    delete_records = "\
        delete from @record r using unnest($2::smallint[], $3::uuid[]) as w (kind, id) \
        where r.tenant = $1 and r.kind = w.kind and r.id = w.id";
    /// Writes records that are there.
    update_records = "\
        update @record r set version = w.version, modified = w.modified, active = w.active, \
            unique_keys = w.unique_keys, lookup_keys = w.lookup_keys, body = w.body \
        from unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::bigint[], $6::boolean[], $7::bytea[], $8::bytea[], $9::text[]) \
            as w (kind, id, version, modified, active, unique_keys, lookup_keys, body) \
        where r.tenant = $1 and r.kind = w.kind and r.id = w.id";
    /// Writes records that are not there.
    insert_records = "\
        insert into @record (tenant, kind, id, version, modified, active, unique_keys, lookup_keys, body) \
        select $1, w.kind, w.id, w.version, w.modified, w.active, w.unique_keys, w.lookup_keys, w.body \
        from unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::bigint[], $6::boolean[], $7::bytea[], $8::bytea[], $9::text[]) \
            as w (kind, id, version, modified, active, unique_keys, lookup_keys, body) \
        on conflict do nothing";
    /// Frees unique keys.
    release_unique_keys = "\
        delete from @unique_key u using unnest($2::smallint[], $3::uuid[]) as w (space, hash) \
        where u.tenant = $1 and u.space = w.space and u.hash = w.hash";
    /// Gives unique keys of one record of the batch to another.
    move_unique_keys = "\
        update @unique_key u set kind = w.kind, id = w.id \
        from unnest($2::smallint[], $3::uuid[], $4::smallint[], $5::uuid[]) as w (space, hash, kind, id) \
        where u.tenant = $1 and u.space = w.space and u.hash = w.hash";
    /// Takes unique keys that nobody has.
    insert_unique_keys = "\
        insert into @unique_key (tenant, space, hash, kind, id) \
        select $1, w.space, w.hash, w.kind, w.id \
        from unnest($2::smallint[], $3::uuid[], $4::smallint[], $5::uuid[]) as w (space, hash, kind, id) \
        on conflict do nothing";
    /// Takes look-up keys of records away.
    delete_lookup_keys = "\
        delete from @lookup_key k \
        using unnest($2::smallint[], $3::uuid[], $4::bigint[], $5::uuid[], $6::smallint[]) \
            as w (sort, hash, modified, id, kind) \
        where k.tenant = $1 and k.sort = w.sort and k.hash = w.hash and k.modified = w.modified \
            and k.id = w.id and k.kind = w.kind";
    /// Adds look-up keys of records.
    insert_lookup_keys = "\
        insert into @lookup_key (tenant, sort, hash, modified, id, kind) \
        select $1, w.sort, w.hash, w.modified, w.id, w.kind \
        from unnest($2::smallint[], $3::uuid[], $4::bigint[], $5::uuid[], $6::smallint[]) \
            as w (sort, hash, modified, id, kind) \
        on conflict do nothing";
    /// Releases claims.
    delete_claims = "\
        delete from @send_claim c \
        using unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::bytea[]) as w (message, journey, tile, recipient) \
        where c.tenant = $1 and c.message = w.message and c.journey = w.journey \
            and c.tile = w.tile and c.recipient = w.recipient";
    /// Settles claims or gives them to others.
    update_claims = "\
        update @send_claim c set claimant = w.claimant, at = w.at, state = w.state \
        from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::bytea[], $6::uuid[], $7::bigint[], $8::smallint[]) \
            as w (message, journey, tile, recipient, claimant, at, state) \
        where c.tenant = $1 and c.message = w.message and c.journey = w.journey \
            and c.tile = w.tile and c.recipient = w.recipient";
    /// Claims sends.
    insert_claims = "\
        insert into @send_claim (tenant, message, journey, tile, recipient, claimant, at, state) \
        select $1, w.message, w.journey, w.tile, w.recipient, w.claimant, w.at, w.state \
        from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::bytea[], $6::uuid[], $7::bigint[], $8::smallint[]) \
            as w (message, journey, tile, recipient, claimant, at, state) \
        on conflict do nothing";
    /// Registers a name or renews a registration: the one row is judged and written in one statement.
    register = "\
        insert into @registration as r (space, name, tenant, until) values ($1, $2, $3, $4) \
        on conflict (space, name) do update set tenant = excluded.tenant, until = excluded.until \
            where r.tenant = excluded.tenant or r.until < $5";
    /// Lets one process at a time change tables or rebuild keys: a row lock, which every engine has.
    lock_migrations = "select version from @migration where version = 0 for update";
    /// The stamp of the key maker.
    read_stamp = "select value from @property where name = 'stamp'";
    /// Another stamp.
    write_stamp = "update @property set value = $1 where name = 'stamp'";
    /// Drops mail and every key, for a rebuild. CockroachDB takes `truncate` in a transaction, with
    /// the tables locked for its length, as here.
    clear_keys = "truncate @mail, @mail_key, @unique_key, @lookup_key";
    /// Every record of every tenant, page by page.
    all_records = "\
        select r.tenant, r.kind, r.id, r.version, r.modified, r.active, r.unique_keys, \
            r.lookup_keys, r.body \
        from @record r order by r.tenant, r.kind, r.id limit $1";
    /// A later page.
    all_records_after = "\
        select r.tenant, r.kind, r.id, r.version, r.modified, r.active, r.unique_keys, \
            r.lookup_keys, r.body \
        from @record r where (r.tenant, r.kind, r.id) > ($2, $3, $4) \
        order by r.tenant, r.kind, r.id limit $1";
    /// Gives a name up.
    unregister = "delete from @registration r where r.space = $1 and r.name = $2 and r.tenant = $3";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_stands_in_the_schema() {
        let statements = Statements::new(&"some_schema".parse().unwrap());
        assert!(statements.iter().count() > 30);
        for (name, sql) in statements.iter() {
            assert!(sql.contains("\"some_schema\"."), "{name}");
            assert!(!sql.contains('@'), "{name}");
        }
        assert!(statements.find.contains("from \"some_schema\".mail_key k "));
    }

    /// What one of the engines does not have, or what takes turns instead of rows.
    #[test]
    fn no_statement_uses_what_other_engines_lack() {
        let migration = include_str!("migrations/0001.sql");
        let statements = Statements::new(&"s".parse().unwrap());
        for sql in statements.iter().map(|(_, sql)| sql).chain([migration]) {
            let code = sql.lines().filter(|line| !line.starts_with("--"));
            for word in code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'))
            {
                assert!(!word.starts_with("pg_"), "{sql}");
                assert!(
                    !["nextval", "deferrable", "merge", "references", "serial"].contains(&word),
                    "{sql}"
                );
            }
        }
    }
}
