"""The pages of the checklists room: working through a run, runs on record, checklists and schedules."""
