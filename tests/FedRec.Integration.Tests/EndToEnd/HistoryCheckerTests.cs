using System.Collections.Immutable;

namespace FedRec.Integration.Tests.EndToEnd;

/// <summary>The checker of histories finds what it is for.</summary>
public sealed class HistoryCheckerTests
{
    private static readonly (int, int)[] s_undisturbed = [(1, 5), (2, 7)];

    [Fact]
    public void History_OfARunThatGoesBackToItsCheckpointAndEnds_IsRight() =>
        Assert.Empty(HistoryChecker.Violations([At(0), At(1, rounds: [(1, 5)]), At(2), At(3, "Completed", [(1, 5), (2, 7)], [(1, "a")], 1)], s_undisturbed));

    public static TheoryData<string, object> Wrong { get; } = new()
    {
        { "versions are 1, 3", new[] { At(0, versions: [(1, "a"), (3, "c")], serving: 1) } },
        { "versions are 1, 1", new[] { At(0, versions: [(1, "a"), (1, "b")], serving: 1) } },
        { "version 2 is gone", new[] { At(0, versions: [(1, "a"), (2, "b")], serving: 2), At(1, versions: [(1, "a")], serving: 1) } },
        { "version 1 was a and is b", new[] { At(0, versions: [(1, "a")], serving: 1), At(1, versions: [(1, "b")], serving: 1) } },
        { "version 2 is in use of 1", new[] { At(0, versions: [(1, "a")], serving: 2) } },
        { "version 0 is in use of 1", new[] { At(0, versions: [(1, "a")], serving: 0) } },
        { "round 2 has counted 8", new[] { At(0, rounds: [(1, 5), (2, 8)]) } }, // an update twice
        { "round 2 has counted 7, undisturbed round 1 5", new[] { At(0, rounds: [(2, 7)]) } }, // a round is left out
        { "3 rounds of 2", new[] { At(0, rounds: [(1, 5), (2, 7), (3, 1)]) } },
        { "a run that had ended (Completed) is Running", new[] { At(0, "Completed"), At(1) } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void History_ThatCannotBe_IsNamed(string what, object looks) =>
        Assert.Contains(HistoryChecker.Violations((Look[])looks, s_undisturbed), violation => violation.Contains(what, StringComparison.Ordinal));

    [Fact]
    public void LongestGap_IsBetweenTwoRounds_WhateverIsRepeatedBetween() => Assert.Equal(
        TimeSpan.FromSeconds(6), RunHistory.LongestGap([At(0), At(1, rounds: [(1, 5)]), At(4, rounds: [(1, 5)]), At(7, rounds: [(1, 5), (2, 7)])]));

    private static Look At(int second, string phase = "Running", ImmutableArray<(int, int)>? rounds = null, ImmutableArray<(long, string)>? versions = null, long serving = 0) =>
        new(TimeSpan.FromSeconds(second), phase, rounds ?? [], versions ?? [], serving);
}
