-- Disputes were kept and set aside until they could be booked; they are looked at again.

update stripe_events set state = 'pending', reason = null, applied_at = null
where state = 'ignored' and event_type like 'charge.dispute.%';
