namespace FedRec.Grains.Parties;

/// <summary>Histories of organisations that a silo has in memory: those used last, as far as they fit together. One that is asked for again is opened from its segments.</summary>
/// <remarks>Each belongs to one activation, which alone changes it; what it does with one that is dropped meanwhile is stored all the same.</remarks>
/// <param name="mostEvents">Events of all of them; more only of the one used last. Default: 2,000,000, some 80 MB.</param>
internal sealed class OpenHistories(long mostEvents = 2_000_000)
{
    private readonly Lock _using = new();
    private readonly LinkedList<(Grain Owner, OrganisationHistory History)> _open = new(); // the one used last comes first

    /// <summary>Events that are in memory.</summary>
    public long Events
    {
        get
        {
            lock (_using)
            {
                return _open.Sum(one => (long)one.History.Count);
            }
        }
    }

    /// <summary>What an activation has open; null when that was dropped, or never opened.</summary>
    public OrganisationHistory? Find(Grain owner)
    {
        lock (_using)
        {
            if (Node(owner) is not { } node)
            {
                return null;
            }

            _open.Remove(node);
            _open.AddFirst(node);
            Trim(); // it may have grown since
            return node.Value.History;
        }
    }

    /// <summary>Keeps what an activation has opened.</summary>
    public void Add(Grain owner, OrganisationHistory history)
    {
        lock (_using)
        {
            _open.AddFirst((owner, history));
            Trim();
        }
    }

    /// <summary>Drops what an activation has open.</summary>
    public void Remove(Grain owner)
    {
        lock (_using)
        {
            if (Node(owner) is { } node)
            {
                _open.Remove(node);
            }
        }
    }

    private LinkedListNode<(Grain Owner, OrganisationHistory History)>? Node(Grain owner)
    {
        var node = _open.First;
        while (node is not null && !ReferenceEquals(node.Value.Owner, owner))
        {
            node = node.Next;
        }

        return node;
    }

    private void Trim()
    {
        for (var events = _open.Sum(one => (long)one.History.Count); events > mostEvents && _open.Count > 1; _open.RemoveLast())
        {
            events -= _open.Last!.Value.History.Count;
        }
    }
}
