using FedRec.Core.Aggregation;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Privacy.SecureAggregation;

/// <summary>Clients go away at every step: the sum is that of exactly those whose vectors arrived, or there is none.</summary>
public sealed class DropoutTests
{
    [Theory]
    [InlineData(3, 200)]
    [InlineData(10, 200)]
    [InlineData(50, 85)]
    [InlineData(100, 15)]
    public void Finish_AfterAnyDropoutsOfWhichEnoughStay_IsTheSumOfTheSurvivors(int clients, int runs)
    {
        for (var run = 0; run < runs; run++)
        {
            using var session = new SecureSession(clients, seed: (ulong)run);
            var goesBefore = Schedule(session, run, most: clients - session.Round.Graph.Threshold);

            var sum = SecureSession.Value(session.Run(number => goesBefore[number]));

            AssertIsSumOf(session, sum, session.Round.Numbers.Where(number => goesBefore[number] > 2));
            Assert.Empty(session.Server.Findings);
            Assert.Equal(ServerPhase.Finished, session.Server.Phase);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(50)]
    public void Run_WithOneDropoutTooMany_IsGivenUpAndTheNextOneWorks(int clients)
    {
        for (var step = 0; step <= 4; step++)
        {
            using var session = new SecureSession(clients, seed: (ulong)step);
            var away = session.Round.Numbers.Take(clients - session.Round.Graph.Threshold + 1).ToHashSet();

            var outcome = session.Run(number => away.Contains(number) ? step : SecureSession.Never);

            Assert.Equal(RefusalReason.TooFew, outcome.Refusal!.Reason);
            Assert.Equal((ServerPhase.Abandoned, outcome.Refusal), (session.Server.Phase, session.Server.Failure));
            Assert.True(step == 4 || session.Shown.Count == 0); // nobody has shown a share of anything
            Assert.DoesNotContain(session.Shown, shown => session.Server.Export().AsSpan().IndexOf(shown.Shares[0].Share.Span) >= 0);
            Assert.Equal(outcome.Refusal, session.Server.Finish(session.Sum).Refusal);

            using var next = new SecureSession(clients, seed: 77);
            AssertIsSumOf(next, SecureSession.Value(next.Run(_ => SecureSession.Never)), next.Round.Numbers);
        }
    }

    // Bell et al. 2020: above 100 clients each knows some of the others only.
    [Theory]
    [InlineData(101, GraphStrength.OneInTwenty)]
    [InlineData(150, GraphStrength.OneInTen)]
    public void Finish_WithNeighboursOnly_IsTheSumOfTheSurvivors(int clients, GraphStrength strength)
    {
        using var session = new SecureSession(clients, strength: strength);
        var goesBefore = Schedule(session, clients, most: clients / 10);

        var sum = SecureSession.Value(session.Run(number => goesBefore[number]));

        Assert.True(session.Round.Graph.Degree < clients - 1);
        AssertIsSumOf(session, sum, session.Round.Numbers.Where(number => goesBefore[number] > 2));
    }

    // Too few of its neighbours are left to give its secrets back: until its masks are in the sum the others go on without it, and afterwards there is no sum.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Run_WithAClientWhoseNeighboursGoAway_GoesOnWithoutItUntilItIsMasked(int step)
    {
        using var session = new SecureSession(101, strength: GraphStrength.OneInTwenty);
        var lonely = session.Round.Numbers[50];
        var away = session.Round.Graph.HoldersOf(lonely).Where(number => number != lonely).Take(15).ToHashSet(); // of 28, where 15 shares are needed

        var outcome = session.Run(number => away.Contains(number) ? step : SecureSession.Never);

        if (step == 2)
        {
            Assert.Equal(RefusalReason.TooFew, outcome.Refusal!.Reason);
            Assert.NotNull(outcome.Refusal.Number); // there may be more than one, as those beside each other have neighbours in common
            return;
        }

        Assert.DoesNotContain(lonely, session.Server.Survivors.Numbers);
        Assert.True(session.Server.Survivors.Numbers.Length >= session.Round.Graph.Quorum);
        AssertIsSumOf(session, SecureSession.Value(outcome), session.Server.Survivors.Numbers);
    }

    // Defect: whoever went away before it had dealt shares stayed in the list of the dead, and others looked for a share of it that they never got.
    [Fact]
    public void Finish_WithClientsThatWentAwayBeforeTheyDealtShares_AsksNobodyForTheirs()
    {
        using var session = new SecureSession(10);
        var (silent, keysOnly, shares) = (session.Round.Numbers[0], session.Round.Numbers[4], session.Round.Numbers[9]);

        var sum = SecureSession.Value(session.Run(number => number == silent ? 0 : number == keysOnly ? 1 : number == shares ? 2 : SecureSession.Never));

        AssertIsSumOf(session, sum, session.Round.Numbers.Except([silent, keysOnly, shares]));
        Assert.All(session.Shown, shown =>
        {
            Assert.DoesNotContain(shown.Shares, share => share.Of == silent || share.Of == keysOnly);
            Assert.Equal([shares], shown.Shares.Where(share => share.Kind == SecretKind.MaskKey).Select(share => share.Of));
        });
    }

    // What silos have added up is added up: no server has to see a vector.
    [Fact]
    public void Finish_WithVectorsAddedUpInAnyGrouping_IsTheSame()
    {
        using var session = new SecureSession(10).UpTo(ServerPhase.Collecting);
        var inputs = session.Server.Expected.Select(number => SecureSession.Value(session.Clients[number].Mask(session.Server.DeliveryOf(number), session.UpdateOf(number)))).ToArray();
        var silos = inputs.Reverse().Chunk(3).Select(chunk =>
        {
            var part = new MaskedSum(session.Round.Vector.Words);
            Assert.All(chunk, input => Assert.True(part.TryAdd(input.Receipt.Number, input.Words.Span)));
            return new MaskedSum(part.Encoded.Span, part.Clients);
        }).ToArray();
        var whole = new MaskedSum(session.Round.Vector.Words);
        Assert.All(silos, whole.Merge);
        Assert.All(inputs, input => Assert.Null(session.Server.Accept(input.Receipt)));

        Assert.Null(session.Server.EndCollecting(whole.Clients));
        Assert.Null(session.Consent(_ => true));
        session.Unmask(_ => true);

        AssertIsSumOf(session, SecureSession.Value(session.Server.Finish(whole)), session.Round.Numbers);
    }

    // Where each client goes away, if it does: at most so many do.
    private static Dictionary<int, int> Schedule(SecureSession session, int run, int most)
    {
        var random = SeedSequence.For(5, "dropouts", run);
        int[] numbers = [.. session.Round.Numbers];
        random.Shuffle<int>(numbers);
        var away = run % 4 == 0 ? most : random.NextInt32(most + 1);
        var step = random.NextInt32(6); // all at one step, or each at its own
        return numbers.Select((number, i) => (number, i)).ToDictionary(one => one.number, one => one.i >= away ? SecureSession.Never : step < 5 ? step : random.NextInt32(5));
    }

    internal static void AssertIsSumOf(SecureSession session, FixedPointSum sum, IEnumerable<int> numbers)
    {
        var plain = session.PlainSum(numbers);
        Assert.Equal(plain.Encoded.ToArray(), sum.Encoded.ToArray());
        Assert.Equal(plain.Report.ToArray(), sum.Report.ToArray());
        Assert.Equal(plain.Clients, sum.Clients);
    }
}
