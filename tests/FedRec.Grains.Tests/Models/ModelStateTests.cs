using CsCheck;
using FedRec.Grains.Models;

namespace FedRec.Grains.Tests.Models;

/// <summary>Laws of the pointer that hold after whatever sequence of commits, promotions and rollbacks.</summary>
public class ModelStateTests
{
    private static readonly Gen<(int Kind, int Number)[]> s_actions = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 1_000]).Array[0, 60];

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
    public void Rollback_AfterPromote_ReturnsToTheFormer() => s_actions.Sample(actions =>
    {
        var state = actions.Aggregate(new ModelState(), (current, action) => Act(current, action.Kind, action.Number));
        foreach (var version in state.Versions.Select(line => line.Version).Where(version => version != state.Serving && state.Serving != 0))
        {
            Assert.Equal(state.Serving, state.Promote(version).Rollback().Serving);
        }
    });

    [Fact]
    public void Promote_TheVersionInUse_ChangesNothing()
    {
        var state = new ModelState().Add(ModelGrainTests.Commit(1, "a").Manifest).Promote(1);

        Assert.Same(state, state.Promote(1));
    }

    // 0 and 1: a commit, used at once or not; 2: promotion of a kept version; 3: rollback; 4: a commit that leaves a gap.
    private static ModelState Act(ModelState state, int kind, int number)
    {
        var version = state.Latest + 1 + (kind == 4 ? number % 3 : 0);
        var keep = 1 + (number % 4);
        return kind switch
        {
            0 or 4 => state.Add(ModelGrainTests.Commit(version, "x").Manifest).Promote(version).Trim(keep),
            1 => state.Add(ModelGrainTests.Commit(version, "x").Manifest).Trim(keep),
            2 when !state.Versions.IsEmpty => state.Promote(state.Versions[number % state.Versions.Length].Version),
            _ => state.Rollback(),
        };
    }

    private static void AssertLaws(ModelState before, ModelState after)
    {
        Assert.True(after.Latest >= before.Latest);
        Assert.True(after.Serving == 0 || after.Has(after.Serving));
        Assert.All(after.Served, version => Assert.True(after.Has(version)));
        Assert.Equal(after.Served.Length, after.Served.Distinct().Count());
        Assert.Equal(after.Versions.Select(line => line.Version).Order().Distinct(), after.Versions.Select(line => line.Version));
        Assert.True(after.Served.IsEmpty || after.Rollback().Serving != after.Serving);
    }
}
