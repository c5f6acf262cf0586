"""What readers, aggregators and newsletters would refuse, said before they do: pure."""
