-- An id alone does not tell an entry: a stream that is removed and made anew may have the same
-- ids. Of batches from before all of this is null, so none of their entries counts as committed:
-- one that comes again is landed as a copy, which no event is lost by.
alter table staging.stream_batches
-- The stream from its making to its end, as the loader names it.
add life text,
-- Of id and line, 16 bytes each, one after the other in the order of entry_ids.
add entry_digests bytea,
-- The first and the last id, each as one number of 128 bits: its two parts one after the other.
add first_id numeric(39),
add last_id numeric(39);
create index stream_batches_range on staging.stream_batches (stream, last_id, first_id);

-- From here on staging.stream_losses.lost_from says of which life entries are, and which: by
-- their numbers among those that went from the stream, or by an id.
