using System.Text;
using FedRec.Contracts.Access;
using Microsoft.Extensions.DependencyInjection;

namespace FedRec.Grains.Tests.Access;

/// <summary>Keys are durable before they are answered, end when they are told to, and nothing that is stored could be used as one.</summary>
public sealed class AccessKeysTests
{
    private readonly SurvivingStorage _states = new();
    private readonly ShiftedTime _time = new();

    [Fact]
    public async Task Key_OutlivesItsCluster_AndIsAddedOnce()
    {
        var (text, terms) = New("shop");
        await using (var first = await StartAsync())
        {
            await Keys(first).AddAsync(terms);
            await Keys(first).AddAsync(terms);
        }

        await using var second = await StartAsync();
        var key = Assert.Single(await Keys(second).ListAsync());

        Assert.Equal((text.Id, "shop", AccessRole.App, "films", null, null), (key.Id, key.Name, key.Role, key.Federation, key.LastUsed, key.Revoked));
        Assert.Equal(TimeSpan.FromDays(30), key.Expires - key.Created);
        Assert.True(text.IsOf(key.Hash.Span));
        Assert.False(AccessKeyText.Create().IsOf(key.Hash.Span));
    }

    [Fact]
    public async Task Stored_IsNothingOfTheSecret()
    {
        var (text, terms) = New("shop");
        await using var federation = await StartAsync();

        await Keys(federation).AddAsync(terms);
        await Keys(federation).RevokeAsync(text.Id);

        var secret = text.Reveal()[^64..];
        var stored = _states.Stored.Values.Select(bytes => Encoding.Latin1.GetString(bytes)).ToList();
        Assert.Contains(stored, bytes => bytes.Contains(text.Id, StringComparison.Ordinal));
        Assert.DoesNotContain(stored, bytes => bytes.Contains(secret, StringComparison.OrdinalIgnoreCase) || bytes.Contains(Encoding.Latin1.GetString(Convert.FromHexString(secret)), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Revoked_OrExpired_IsGoodNoMore_AndStaysInTheList()
    {
        var ((first, one), (second, two)) = (New("one"), New("two"));
        await using var federation = await StartAsync();
        await Keys(federation).AddAsync(one);
        await Keys(federation).AddAsync(two);

        var revoked = await Keys(federation).RevokeAsync(first.Id);
        var again = await Keys(federation).RevokeAsync(first.Id);
        _time.Ahead = TimeSpan.FromDays(30);
        var keys = await Keys(federation).ListAsync();

        Assert.NotNull(revoked!.Revoked);
        Assert.Equal(revoked.Revoked, again!.Revoked);
        Assert.Null(await Keys(federation).RevokeAsync("000000000000"));
        Assert.Equal([first.Id, second.Id], keys.Select(key => key.Id));
        Assert.All(keys, key => Assert.False(key.IsGood(_time.GetUtcNow())));
        Assert.True(keys[1].IsGood(keys[1].Expires - TimeSpan.FromTicks(1)));
    }

    [Fact]
    public async Task Id_OfAnotherKey_IsRefused_AndChangesNothing()
    {
        var (text, terms) = New("one");
        await using var federation = await StartAsync();
        await Keys(federation).AddAsync(terms);

        await Assert.ThrowsAsync<ArgumentException>(() => Keys(federation).AddAsync(terms with { Hash = AccessKeyText.Create().Hash, Role = AccessRole.Operator }));

        Assert.True(text.IsOf(Assert.Single(await Keys(federation).ListAsync()).Hash.Span));
    }

    [Fact]
    public async Task WriteThatFails_LeavesTheKeysAsTheyWere()
    {
        var ((first, one), (_, two)) = (New("one"), New("two"));
        await using var federation = await StartAsync();
        await Keys(federation).AddAsync(one);

        _states.FailWritesOf = "access";
        await Assert.ThrowsAsync<OrleansException>(() => Keys(federation).AddAsync(two));
        await Assert.ThrowsAsync<OrleansException>(() => Keys(federation).RevokeAsync(first.Id));
        _states.FailWritesOf = null;

        Assert.Null(Assert.Single(await Keys(federation).ListAsync()).Revoked);
    }

    [Fact]
    public async Task Use_IsNotedByTheDay_WithOneWriteForAllOfThem()
    {
        var ((first, one), (second, two)) = (New("one"), New("two"));
        await using var federation = await StartAsync();
        await Keys(federation).AddAsync(one);
        await Keys(federation).AddAsync(two);
        var written = _states.Writes.Count;

        await Keys(federation).NoteUsedAsync([first.Id, second.Id, "000000000000"]);
        await Keys(federation).NoteUsedAsync([second.Id]);
        await Keys(federation).NoteUsedAsync(["000000000000"]);

        Assert.Equal(written + 1, _states.Writes.Count);
        Assert.All(await Keys(federation).ListAsync(), key => Assert.Equal(DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime), key.LastUsed));
        _time.Ahead = TimeSpan.FromDays(1);
        await Keys(federation).NoteUsedAsync([second.Id]);
        Assert.Equal(1, (await Keys(federation).ListAsync()).Select(key => key.LastUsed!.Value.DayNumber).Aggregate((a, b) => b - a));
    }

    [Fact]
    public async Task Keys_OfWhichThereAreTheMost_MakeRoomOnlyWhereOneHasEnded()
    {
        await using var federation = await StartAsync();
        var made = Enumerable.Range(0, IAccessKeysGrain.Most).Select(number => New($"key {number}").Terms).ToList();
        foreach (var terms in made)
        {
            await Keys(federation).AddAsync(terms);
        }

        var refused = await Assert.ThrowsAsync<ArgumentException>(() => Keys(federation).AddAsync(New("more").Terms));
        await Keys(federation).RevokeAsync(made[7].Id);
        await Keys(federation).AddAsync(New("more").Terms);
        var keys = await Keys(federation).ListAsync();

        Assert.Contains("Revoke one", refused.Message, StringComparison.Ordinal);
        Assert.Equal((IAccessKeysGrain.Most, "more"), (keys.Length, keys[^1].Name));
        Assert.DoesNotContain(keys, key => key.Id == made[7].Id);
    }

    [Theory]
    [InlineData("", AccessRole.App, "films", 1)]
    [InlineData("line\nbreak", AccessRole.App, "films", 1)]
    [InlineData("x", (AccessRole)9, "films", 1)]
    [InlineData("x", AccessRole.App, "a/b", 1)]
    [InlineData("x", AccessRole.App, "", 1)]
    [InlineData("x", AccessRole.App, "films", 0)]
    [InlineData("x", AccessRole.App, "films", 4_000)]
    public async Task Terms_ThatCannotBe_AreRefused(string name, AccessRole role, string federation, int days)
    {
        await using var cluster = await StartAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => Keys(cluster).AddAsync(New("x").Terms with { Name = name, Role = role, Federation = federation, ValidFor = TimeSpan.FromDays(days) }));

        Assert.Empty(await Keys(cluster).ListAsync());
    }

    [Fact]
    public void Text_IsReadAsItWasMade_AndShowsNoSecretByItself()
    {
        var key = AccessKeyText.Create();
        var text = key.Reveal();

        Assert.Equal(key.Hash.ToArray(), AccessKeyText.Read(text)!.Hash.ToArray());
        Assert.Equal($"frk_{key.Id}_…", $"{key}");
        Assert.All([text + "0", text[1..], text.ToUpperInvariant(), text.Replace('_', '-'), text[..^1] + "g", ""], wrong => Assert.Null(AccessKeyText.Read(wrong)));
    }

    private static (AccessKeyText Text, AccessKeyTerms Terms) New(string name)
    {
        var text = AccessKeyText.Create();
        return (text, new AccessKeyTerms(text.Id, text.Hash, name, AccessRole.App, "films", TimeSpan.FromDays(30)));
    }

    private static IAccessKeysGrain Keys(TestFederation federation) => federation.Grains.GetGrain<IAccessKeysGrain>(IAccessKeysGrain.Key);

    private Task<TestFederation> StartAsync() => TestFederation.StartAsync(1, _states, configure: silo => silo.Services.AddSingleton<TimeProvider>(_time));

    // Timers run as they do; only the calendar is ahead.
    private sealed class ShiftedTime : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
    }
}
