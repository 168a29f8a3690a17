-- sqlite3: a database in a file, transactions, indexes, triggers, recursion, window functions.
.bail on
.open data.db
pragma journal_mode = wal;
create table city (id integer primary key, name text not null unique, people integer check (people >= 0), at real);
create index city_people on city (people);
begin;
with recursive n(i) as (values (1) union all select i + 1 from n where i < 5000) insert into city (name, people, at) select printf('city %05d', i), i * 7919 % 10007, i / 8.0 from n;
commit;
select count(*), sum(people), avg(at), min(name), max(people) from city;
begin; delete from city where people > 5000; select count(*) from city; rollback; select count(*) from city;
savepoint s; update city set people = people + 1 where id % 2; rollback to s; release s; select sum(people) from city;
create table log (what text); create trigger watch after update on city when new.people > 10000 begin insert into log values (new.name || ' grew from ' || old.people); end;
update city set people = people * 2 where id between 10 and 15; select * from log;
select people % 10 as digit, count(*), group_concat(id, ',') from city where id < 30 group by digit having count(*) > 2 order by digit;
select id, people, rank() over (order by people desc), sum(people) over (order by id rows 2 preceding) from city where id <= 6 order by id;
create view big as select * from city where people > 9000; select count(*) from big; explain query plan select * from city where people = 5;
select length(randomblob(7)), typeof(1.5), abs(-9223372036854775807), 1 / 3.0, 'a' like 'A', 'abc' glob 'a*', date(1000000000, 'unixepoch'), strftime('%s', '2001-09-09 01:46:40'), json_extract('{"a":[1,{"b":2}]}', '$.a[1].b'), instr('portolan', 'tol'), round(2.567, 2);
create virtual table words using fts5(body); insert into words values ('the quick brown fox'), ('the lazy dog'); select rowid, highlight(words, 0, '[', ']') from words where words match 'lazy OR fox';
vacuum; pragma integrity_check; pragma page_count;
.mode csv
.output out.csv
select id, name, people from city limit 5;
.output stdout
.mode list
.import --csv out.csv copied
.tables
select count(*) from copied;
.shell uname -m
attach 'other.db' as other; create table other.t as select * from city limit 10; select count(*) from other.t;
insert into city (id, name) values (1, 'again');
