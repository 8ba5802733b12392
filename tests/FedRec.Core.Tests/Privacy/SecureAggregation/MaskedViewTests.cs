using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Core.Randomness;

namespace FedRec.Core.Tests.Privacy.SecureAggregation;

/// <summary>What the server sees of a client: nothing but the sum.</summary>
public sealed class MaskedViewTests
{
    // The server has what survivors show, and one client helps it: it takes out every mask that the two can know. Two honest clients are left, who have the same sum in either world.
    [Fact]
    public void MaskedVectors_OfTwoClientsThatAreSwapped_CannotBeToldApart()
    {
        const int Runs = 2_000;
        var (right, coins) = (0, SeedSequence.For(11, "worlds"));
        for (var run = 0; run < Runs; run++)
        {
            using var session = new SecureSession(3, seed: 5, length: 3);
            var (first, second) = (session.Round.Numbers[0], session.Round.Numbers[1]);
            var isSwapped = coins.NextInt32(2) == 1;

            right += Guess(Views(session, run, isSwapped), session, first, second) == isSwapped ? 1 : 0;
        }

        Assert.InRange(right / (double)Runs, 0.47, 0.53);
    }

    // Its mask key was given back, as it seemed to have gone away, and with it all masks that it has in common with others: its own mask is left.
    [Fact]
    public void MaskedVector_ThatComesAfterItWasGivenUp_StaysHiddenByItsOwnMask()
    {
        using var session = new SecureSession(4);
        Seed(session, run: 1);
        var late = session.Round.Numbers[2];
        Assert.Null(session.Advertise(_ => true) ?? session.Share(_ => true));
        var rolled = session.Server.RollOf(late).Advertisements.ToDictionary(one => one.Number, one => one.MaskKey);
        var words = MemoryMarshal.Cast<byte, long>(SecureSession.Value(session.Clients[late].Mask(session.Server.DeliveryOf(late), session.UpdateOf(late))).Words.Span).ToArray();
        Assert.Null(session.Mask(number => number != late) ?? session.Consent(_ => true));
        session.Unmask(_ => true);

        byte[] secret = new byte[32], agreed = new byte[32], seed = new byte[32];
        byte[] points = [.. session.Shown.Select(shown => (byte)(session.Round.Numbers.IndexOf(shown.Number) + 1))];
        ShamirSharing.Combine(points, session.Shown.SelectMany(shown => shown.Shares.Single(share => share.Of == late).Share.ToArray()).ToArray(), secret);
        using var pair = session.Round.Suite.Agreement.TryOpen(secret)!;
        Assert.Equal(rolled[late].ToArray(), pair.PublicKey.ToArray()); // the server does have its mask key
        foreach (var (other, key) in rolled.Where(one => one.Key != late))
        {
            Assert.True(pair.TryAgree(key.Span, agreed));
            PairKeys.Mask(agreed, SecureRound.Salt, session.Round.Digest.Span, late, other, seed);
            Masks.AddPair<long>(words, seed, late, other, undo: true);
        }

        Assert.True(Distance(words, session, late) > BigInteger.Pow(2, 62), "Its vector can be read.");
        using var own = new ClientSecrets(session.Round, late, KeyOf(1, 2)).OpenSelfMask();
        Masks.Add<long>(words, own.Span, takeAway: true);
        Assert.Equal(BigInteger.Zero, Distance(words, session, late)); // which is all that is left
    }

    [Fact]
    public void MaskedBytes_OfVectorsThatAreNearlyZero_AreSpreadEvenly()
    {
        var counts = new long[256];
        for (var run = 0; run < 300; run++)
        {
            using var session = new SecureSession(3, seed: 5, length: 200);
            Seed(session, run);
            session.UpTo(ServerPhase.Collecting);
            var number = session.Round.Numbers[run % 3];
            foreach (var value in SecureSession.Value(session.Clients[number].Mask(session.Server.DeliveryOf(number), session.UpdateOf(number))).Words.Span)
            {
                counts[value]++;
            }
        }

        var expected = counts.Sum() / 256.0;
        var chiSquare = counts.Sum(count => (count - expected) * (count - expected) / expected);
        Assert.InRange(chiSquare, 255 - (5 * Math.Sqrt(2 * 255)), 255 + (5 * Math.Sqrt(2 * 255)));
    }

    // Defect: a seed was folded to 32 bits, and the largest word never came.
    [Fact]
    public void Masks_OfSeedsThatFoldToTheSame_AreDifferent()
    {
        var seed = new byte[32];
        var folded = new byte[32];
        (folded[0], folded[4]) = (1, 1); // the exclusive or of all groups of four bytes is the same
        uint[] one = new uint[8], other = new uint[8];
        Masks.Add<uint>(one, seed, takeAway: false);
        Masks.Add<uint>(other, folded, takeAway: false);

        Assert.NotEqual(one, other);
    }

    [Fact]
    public void Masks_OfManyWords_TakeEveryValue()
    {
        var words = new byte[256 * 40];
        Masks.Add<byte>(words, new byte[32], takeAway: false);

        var counts = words.CountBy(word => word).ToDictionary();
        Assert.Equal(256, counts.Count); // the largest and the smallest as well
        Assert.All(counts.Values, count => Assert.InRange(count, 40 - 32, 40 + 32)); // five standard deviations
    }

    // Defect: keys were derived without salt and purpose, so that nothing bound them to a round.
    [Fact]
    public void PairKeys_OfAnotherRoundPairPurposeOrProtocol_AreOthers()
    {
        var keys = new[]
        {
            Mask([1], [2], 3, 4), Mask([9], [2], 3, 4), Mask([1], [9], 3, 4), Mask([1], [2], 3, 9), Mask([1], [2], 9, 4), Channel(3, 4), Channel(4, 3), Channel(3, 9),
        };

        Assert.Equal(Mask([1], [2], 3, 4), Mask([1], [2], 4, 3)); // a pair has one mask
        Assert.Equal(keys.Length, keys.Distinct().Count());
        static string Mask(byte[] salt, byte[] round, int one, int other)
        {
            var key = new byte[32];
            PairKeys.Mask(new byte[32], salt, round, one, other, key);
            return Convert.ToHexString(key);
        }

        static string Channel(int from, int to)
        {
            var key = new byte[32];
            PairKeys.Channel(new byte[32], [1], [2], from, to, key);
            return Convert.ToHexString(key);
        }
    }

    // The masked words of the first two clients, first without their own masks, and then without those as well that the third client has in common with them.
    private static (long[] First, long[] Second)[] Views(SecureSession session, int run, bool isSwapped)
    {
        var numbers = session.Round.Numbers;
        Seed(session, run);
        var keys = numbers.ToDictionary(number => number, number => SecureSession.Value(session.Clients[number].Advertise()));
        Assert.All(keys.Values, one => Assert.Null(session.Server.Accept(one)));
        Assert.Null(session.Server.EndAdvertising() ?? session.Share(_ => true));
        var words = new List<long[]>();
        foreach (var number in numbers)
        {
            var own = number == numbers[2] ? number : (number == numbers[0]) ^ isSwapped ? numbers[0] : numbers[1];
            var input = SecureSession.Value(session.Clients[number].Mask(session.Server.DeliveryOf(number), session.UpdateOf(own)));
            words.Add(MemoryMarshal.Cast<byte, long>(input.Words.Span).ToArray());
            session.Receive(input);
        }

        Assert.Null(session.Server.EndCollecting(session.Sum.Clients) ?? session.Consent(_ => true));
        session.Unmask(_ => true);
        using var helper = new ClientSecrets(session.Round, numbers[2], KeyOf(run, 2)).OpenMaskKey();
        byte[] points = [.. session.Shown.Select(shown => (byte)(numbers.IndexOf(shown.Number) + 1))];
        for (var i = 0; i < 2; i++)
        {
            byte[] seed = new byte[32], agreed = new byte[32];
            ShamirSharing.Combine(points, session.Shown.SelectMany(shown => shown.Shares.Single(share => share.Of == numbers[i]).Share.ToArray()).ToArray(), seed);
            Masks.Add<long>(words[i], seed, takeAway: true);
            words.Add([.. words[i]]);
            Assert.True(helper.TryAgree(keys[numbers[i]].MaskKey.Span, agreed));
            PairKeys.Mask(agreed, SecureRound.Salt, session.Round.Digest.Span, numbers[i], numbers[2], seed);
            Masks.AddPair<long>(words[^1], seed, numbers[i], numbers[2], undo: true);
        }

        return [(words[0], words[1]), (words[3], words[4])];
    }

    // Other secrets in each run, and the same whenever it is tried again.
    private static void Seed(SecureSession session, int run)
    {
        for (var i = 0; i < session.Round.Numbers.Length; i++)
        {
            var number = session.Round.Numbers[i];
            session.Clients[number] = new SecureClient(session.Round, number, session.Signers[number], KeyOf(run, i));
        }
    }

    private static SecretKey KeyOf(int run, int client) => new(SHA256.HashData([.. BitConverter.GetBytes(run), (byte)client]));

    // Which world is nearer in either view, by the differences to what each client would have sent in it.
    private static bool Guess((long[] First, long[] Second)[] views, SecureSession session, int first, int second)
    {
        var asTheyAre = views.Min(view => Distance(view.First, session, first) + Distance(view.Second, session, second));
        var swapped = views.Min(view => Distance(view.First, session, second) + Distance(view.Second, session, first));
        return swapped < asTheyAre;
    }

    private static BigInteger Distance(long[] words, SecureSession session, int number)
    {
        long[] own = [.. session.UpdateOf(number).Values, .. session.UpdateOf(number).Report];
        return words.Zip(own, (one, other) => BigInteger.Abs(unchecked(one - other))).Aggregate(BigInteger.Zero, (sum, next) => sum + next);
    }
}
