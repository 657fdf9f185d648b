-- What is doubted about time since the host slept or its clock jumped (JSON).
ALTER TABLE clock ADD COLUMN doubt TEXT NOT NULL DEFAULT '{}';
