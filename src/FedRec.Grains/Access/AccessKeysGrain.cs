using System.Collections.Immutable;
using System.Security.Cryptography;
using FedRec.Contracts.Access;

namespace FedRec.Grains.Access;

/// <summary>All keys of the cluster in one record: few, added seldom, and read by each web front end every few seconds.</summary>
internal sealed class AccessKeysGrain([PersistentState("access", GrainsSetup.StorageName)] IPersistentState<AccessKeysState> saved, TimeProvider time) : Grain, IAccessKeysGrain
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(3_653);

    private ImmutableArray<AccessKeyRecord> Keys => saved.State.Keys;

    public async Task<AccessKeyRecord> AddAsync(AccessKeyTerms terms, CancellationToken cancellationToken = default)
    {
        Check(terms);
        var now = time.GetUtcNow();
        if (Keys.FirstOrDefault(key => key.Id == terms.Id) is { } known)
        {
            return CryptographicOperations.FixedTimeEquals(known.Hash.Span, terms.Hash.Span) ? known : throw new ArgumentException($"There is another key with the id {terms.Id}; make one anew.", nameof(terms));
        }

        var room = Keys;
        if (room.Length >= IAccessKeysGrain.Most)
        {
            var ended = room.FirstOrDefault(key => !key.IsGood(now)) ?? throw new ArgumentException($"There are {IAccessKeysGrain.Most} keys that are good, which is the most. Revoke one that is not needed.", nameof(terms));
            room = room.Remove(ended);
        }

        var added = new AccessKeyRecord(terms.Id, terms.Hash, terms.Name, terms.Role, terms.Federation, now, now + terms.ValidFor);
        await WriteAsync(room.Add(added));
        return added;
    }

    public async Task<AccessKeyRecord?> RevokeAsync(string id, CancellationToken cancellationToken = default)
    {
        if (Keys.FirstOrDefault(key => key.Id == id) is not { Revoked: null } known)
        {
            return Keys.FirstOrDefault(key => key.Id == id);
        }

        var revoked = known with { Revoked = time.GetUtcNow() };
        await WriteAsync(Keys.Replace(known, revoked));
        return revoked;
    }

    public Task<ImmutableArray<AccessKeyRecord>> ListAsync(CancellationToken cancellationToken = default) => Task.FromResult(Keys);

    public async Task NoteUsedAsync(ImmutableArray<string> ids, CancellationToken cancellationToken = default)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (Keys.Any(IsNews))
        {
            await WriteAsync([.. Keys.Select(key => IsNews(key) ? key with { LastUsed = today } : key)]);
        }

        bool IsNews(AccessKeyRecord key) => key.LastUsed != today && ids.Contains(key.Id);
    }

    private static void Check(AccessKeyTerms terms)
    {
        var wrong = !AccessKeyText.IsId(terms.Id) || terms.Hash.Length != SHA256.HashSizeInBytes ? "The id or the hash is none of a key."
            : terms.Name.Length is 0 or > 100 || terms.Name.Any(char.IsControl) ? "The name of a key has 1 to 100 characters, and no control characters."
            : !Enum.IsDefined(terms.Role) ? $"The role {terms.Role} is none; it is Viewer, App or Operator."
            : terms.Federation is { } federation && (federation.Length is 0 or > 100 || !federation.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')) ? $"The federation '{federation}' cannot be: its name has 1 to 100 letters, digits, dots, dashes or underscores."
            : terms.ValidFor <= TimeSpan.Zero || terms.ValidFor > s_longest ? "A key is good for more than nothing and at most ten years."
            : null;
        if (wrong is not null)
        {
            throw new ArgumentException(wrong);
        }
    }

    private async Task WriteAsync(ImmutableArray<AccessKeyRecord> keys)
    {
        saved.State = new AccessKeysState { Keys = keys };
        await saved.WriteOrDeactivateAsync(this);
    }
}

/// <summary>The keys as they are stored.</summary>
[GenerateSerializer, Alias("fedrec.state.access-keys")]
internal sealed record AccessKeysState
{
    /// <summary>Oldest first.</summary>
    [Id(0)] public ImmutableArray<AccessKeyRecord> Keys { get; init; } = [];
}
