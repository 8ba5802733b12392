using System.Collections.Immutable;
using CsCheck;
using FedRec.Contracts.Clients;
using FedRec.Contracts.Models;
using FedRec.Grains.Models;

namespace FedRec.Grains.Tests.Models;

/// <summary>Laws of the pointer that hold after whatever sequence of commits, promotions and rollbacks.</summary>
public class ModelStateTests
{
    private static readonly Gen<(int Kind, int Number)[]> s_actions = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 1_000]).Array[0, 60];

    [Fact]
    public void AnySequence_KeepsTheLaws() => s_actions.Sample(actions =>
    {
        var state = new ModelState();
        foreach (var (kind, number) in actions)
        {
            var next = Act(state, kind, number);
            AssertLaws(state, next);
            state = next;
        }
    });

    [Fact]
    public void Rollback_AfterPromote_IsAsIfNothingHadHappened() => s_actions.Sample(actions =>
    {
        var state = actions.Aggregate(new ModelState(), (current, action) => Act(current, action.Kind, action.Number));
        foreach (var version in state.Versions.Select(line => line.Version).Where(version => version != state.Serving && state.Serving != 0))
        {
            var back = state.Promote(version).Rollback();
            Assert.Equal((state.Serving, state.Served), (back.Serving, back.Served), Same);
        }
    });

    [Fact]
    public void Rollback_AgainAndAgain_GoesThroughAllThatWasInUse()
    {
        var state = new[] { 1L, 2, 3 }.Aggregate(new ModelState(), (current, version) => current.Add(ModelGrainTests.Commit(version, "x").Manifest));
        state = new[] { 1L, 2, 1, 3, 2 }.Aggregate(state, (current, version) => current.Promote(version));
        var seen = new List<long>();
        for (var before = state; !before.Served.IsEmpty; before = before.Rollback())
        {
            seen.Add(before.Rollback().Serving);
        }

        Assert.Equal([3, 1, 2, 1], seen);
    }

    [Fact]
    public void Promote_TheVersionInUse_ChangesNothing()
    {
        var state = new ModelState().Add(ModelGrainTests.Commit(1, "a").Manifest).Promote(1);

        Assert.Same(state, state.Promote(1));
    }

    [Fact]
    public void WithoutRetired_OfAnyState_DropsWhatCountedTheUserAndNothingThatIsInUse() => s_actions.Sample(actions =>
    {
        var state = actions.Aggregate(new ModelState(), (current, action) => Act(current, action.Kind, action.Number));
        state = state with { Versions = [.. state.Versions.Select(line => line with { RunId = $"run-{line.Version}" })] };
        var counted = new ErasedChanges(2, 6);
        bool Stays(ModelVersionLine line) => !counted.IsIn((int)line.Version) || line.Pinned || line.Version == state.Serving || line.Version == state.Versions[^1].Version;

        var after = state.Retire(counted).WithoutRetired(spared: 0);

        Assert.Equal(state.Versions.Where(Stays), after.Versions);
        Assert.Equal((state.Serving, state.Latest), (after.Serving, after.Latest));
        Assert.All(after.Served, version => Assert.NotNull(after.Find(version)));
        Assert.All(after.Served.Append(after.Serving).Zip(after.Served.Append(after.Serving).Skip(1)), pair => Assert.NotEqual(pair.First, pair.Second));
        Assert.Same(after, after.WithoutRetired(spared: 0));
        Assert.Equal(state.Versions.Where(line => Stays(line) || line.Version == 4), state.Retire(counted).WithoutRetired(spared: 4).Versions);
        Assert.Same(state, state.WithoutRetired(spared: 0)); // nobody was forgotten
    });

    private static bool Same((long Serving, ImmutableArray<long> Served) one, (long Serving, ImmutableArray<long> Served) other) =>
        one.Serving == other.Serving && one.Served.SequenceEqual(other.Served);

    // 0 and 1: a commit, used at once or not; 2: promotion of a kept version; 3: rollback; 4: a commit that leaves a gap; 5: a pin, set or taken off.
    private static ModelState Act(ModelState state, int kind, int number)
    {
        var version = state.Latest + 1 + (kind == 4 ? number % 3 : 0);
        var keep = 1 + (number % 4);
        return kind switch
        {
            0 or 4 => state.Add(ModelGrainTests.Commit(version, "x").Manifest).Promote(version).Trim(keep),
            1 => state.Add(ModelGrainTests.Commit(version, "x").Manifest).Trim(keep),
            2 when !state.Versions.IsEmpty => state.Promote(state.Versions[number % state.Versions.Length].Version),
            5 when !state.Versions.IsEmpty => state.Pin(state.Versions[number % state.Versions.Length].Version, number % 3 > 0),
            _ => state.Rollback(),
        };
    }

    private static void AssertLaws(ModelState before, ModelState after)
    {
        Assert.True(after.Latest >= before.Latest);
        Assert.True(after.Serving == 0 || after.Find(after.Serving) is not null);
        Assert.All(after.Served, version => Assert.NotNull(after.Find(version)));
        Assert.All(after.Served.Append(after.Serving).Zip(after.Served.Append(after.Serving).Skip(1)), pair => Assert.NotEqual(pair.First, pair.Second));
        long[] spared = [before.Serving, .. after.Serving == before.Serving ? [before.Previous] : Array.Empty<long>(), .. before.Versions.Where(line => line.Pinned).Select(line => line.Version)];
        Assert.All(spared.Where(version => version != 0), version => Assert.NotNull(after.Find(version)));
        Assert.Equal(after.Versions.Select(line => line.Version).Order().Distinct(), after.Versions.Select(line => line.Version));
        Assert.True(after.Served.IsEmpty || after.Rollback().Serving != after.Serving);
    }
}
