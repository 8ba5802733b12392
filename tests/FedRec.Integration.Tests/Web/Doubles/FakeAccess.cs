using System.Collections.Immutable;
using FedRec.Contracts.Access;

namespace FedRec.Integration.Tests.Web.Doubles;

/// <summary>The keys of a made-up cluster.</summary>
internal sealed class FakeAccess
{
    private readonly List<AccessKeyRecord> _keys = [];

    public FakeAccess() => (Grain, Log) = (new KeysGrain(this), new LogGrain(this));

    public IAccessKeysGrain Grain { get; }

    public IAccessLogGrain Log { get; }

    /// <summary>What every note throws.</summary>
    public Exception? LogFailure { get; set; }

    /// <summary>How often the keys were read.</summary>
    public int Reads { get; private set; }

    /// <summary>Ids of keys that were said to be used.</summary>
    public List<string> Used { get; } = [];

    /// <summary>Adds a key.</summary>
    /// <param name="role">What it is good for.</param>
    /// <param name="federation">The only federation; null for all.</param>
    /// <param name="change">Such as an end.</param>
    /// <returns>Its text.</returns>
    public string Add(AccessRole role, string? federation = null, Func<AccessKeyRecord, AccessKeyRecord>? change = null)
    {
        var text = AccessKeyText.Create();
        var key = new AccessKeyRecord(text.Id, text.Hash, role.ToString(), role, federation, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        _keys.Add(change?.Invoke(key) ?? key);
        return text.Reveal();
    }

    /// <summary>Revokes the key of a text.</summary>
    public void Revoke(string text)
    {
        var place = _keys.FindIndex(key => key.Id == AccessKeyText.Read(text)!.Id);
        _keys[place] = _keys[place] with { Revoked = DateTimeOffset.UtcNow };
    }

    private sealed class LogGrain(FakeAccess access) : IAccessLogGrain
    {
        private readonly List<AccessLogEntry> _entries = [];

        public Task<AccessLogEntry> AppendAsync(AccessLogNote note, CancellationToken cancellationToken)
        {
            if (access.LogFailure is { } failure)
            {
                throw failure;
            }

            _entries.Add(AccessLogEntry.Next(_entries.Count + 1, DateTimeOffset.UtcNow, note, _entries.LastOrDefault()?.Hash ?? ""));
            return Task.FromResult(_entries[^1]);
        }

        public Task<ImmutableArray<AccessLogEntry>> ReadAsync(CancellationToken cancellationToken) => Task.FromResult(_entries.ToImmutableArray());
    }

    private sealed class KeysGrain(FakeAccess access) : IAccessKeysGrain
    {
        public Task<AccessKeyRecord> AddAsync(AccessKeyTerms terms, CancellationToken cancellationToken)
        {
            var key = new AccessKeyRecord(terms.Id, terms.Hash, terms.Name, terms.Role, terms.Federation, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow + terms.ValidFor);
            access._keys.Add(key);
            return Task.FromResult(key);
        }

        public Task<ImmutableArray<AccessKeyRecord>> ListAsync(CancellationToken cancellationToken)
        {
            access.Reads++;
            return Task.FromResult(access._keys.ToImmutableArray());
        }

        public Task<AccessKeyRecord?> RevokeAsync(string id, CancellationToken cancellationToken)
        {
            var place = access._keys.FindIndex(key => key.Id == id);
            return Task.FromResult(place < 0 ? null : access._keys[place] = access._keys[place] with { Revoked = DateTimeOffset.UtcNow });
        }

        public Task NoteUsedAsync(ImmutableArray<string> ids, CancellationToken cancellationToken)
        {
            access.Used.AddRange(ids);
            return Task.CompletedTask;
        }
    }
}
