using System.Security.Cryptography;
using FedRec.Contracts.RemoteParties;
using FedRec.Contracts.Rounds;
using FedRec.Contracts.Runs;
using FedRec.Core.Aggregation;
using FedRec.Core.Federation;
using FedRec.Core.Federation.ServerOptimizers;
using FedRec.Core.Parties;
using FedRec.Core.Privacy.SecureAggregation;
using FedRec.Grains.Parties;
using FedRec.Grains.RemoteParties;

namespace FedRec.Integration.Tests.Cli.Parties;

/// <summary>What a party does in a round whose updates are masked, whatever a coordinator tells it.</summary>
public sealed class PartySecureRoundsTests : IDisposable
{
    private readonly WorkingParty _party = new();
    private readonly ECDsa[] _others = [ECDsa.Create(ECCurve.NamedCurves.nistP256), ECDsa.Create(ECCurve.NamedCurves.nistP256)];

    public void Dispose()
    {
        _party.Dispose();
        Array.ForEach(_others, key => key.Dispose());
    }

    [Fact]
    public async Task Round_OfHonestOthers_IsUnmasked_AndIsInTheLogBeforeItLeaves()
    {
        using var coordinator = new Coordinator(this, "1");

        await coordinator.GoUpToAsync(SecureStep.Unmask);
        coordinator.Server.Accept(UnmaskShares.Decode(_party.Coordinator.Steps[^1]));

        Assert.Equal(4, _party.Coordinator.Steps.Count);
        Assert.Single(_party.Coordinator.Updates);
        Assert.Empty(_party.Coordinator.Refusals);
        var sum = coordinator.Server.Finish(coordinator.Sum);
        Assert.Null(sum.Refusal);
        Assert.Equal(3, sum.Value!.Clients);
        Assert.Equal(["step", "step", "update", "receipt", "consent", "step", "step"], What());
    }

    [Fact]
    public async Task Step_ThatIsAskedForAgain_GetsTheSameAnswer()
    {
        using var coordinator = new Coordinator(this, "1");

        await coordinator.GoUpToAsync(SecureStep.Share);
        await _party.DoAsync(coordinator.Last!);

        Assert.Equal(_party.Coordinator.Steps[^2], _party.Coordinator.Steps[^1]);
        Assert.Empty(_party.Coordinator.Refusals);
    }

    [Fact]
    public async Task Round_ThatAPartyHasConsentedTo_IsAgreedToInNoOtherTry_AlsoAfterARestart()
    {
        using (var first = new Coordinator(this, "1"))
        {
            await first.GoUpToAsync(SecureStep.Consent);
        }

        _party.Restart();
        using var second = new Coordinator(this, "2");
        await second.AskAsync(SecureStep.Advertise, default);

        Assert.Contains("agreed to the sum of an earlier try of this round", Assert.Single(_party.Coordinator.Refusals), StringComparison.Ordinal);
        Assert.Equal(3, _party.Coordinator.Steps.Count);
        using var next = new Coordinator(this, "1", round: 2);
        await next.AskAsync(SecureStep.Advertise, default);
        Assert.Equal(4, _party.Coordinator.Steps.Count);
    }

    [Fact]
    public async Task Round_ThatWasGivenUpBeforeAnybodyConsented_IsTriedAgain()
    {
        using (var first = new Coordinator(this, "1"))
        {
            await first.GoUpToAsync(SecureStep.Mask);
        }

        using var second = new Coordinator(this, "2");
        await second.GoUpToAsync(SecureStep.Consent);

        Assert.Empty(_party.Coordinator.Refusals);
    }

    [Fact]
    public async Task Party_ThatHasStartedAgain_TakesNoFurtherStep_AndSaysWhy()
    {
        using var coordinator = new Coordinator(this, "1");
        await coordinator.GoUpToAsync(SecureStep.Advertise);

        _party.Restart();
        await coordinator.GoUpToAsync(SecureStep.Share, from: SecureStep.Share);

        Assert.Contains("has started again since this round began", Assert.Single(_party.Coordinator.Refusals), StringComparison.Ordinal);
        Assert.Single(_party.Coordinator.Steps);
    }

    [Fact]
    public async Task Key_ThatIsAnotherThanThePinnedOne_IsRefusedByName()
    {
        using (var first = new Coordinator(this, "1"))
        {
            await first.GoUpToAsync(SecureStep.Advertise);
        }

        _others[1].Dispose();
        _others[1] = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var second = new Coordinator(this, "2");
        await second.AskAsync(SecureStep.Advertise, default);

        Assert.Contains("says that client 2 has the key", Assert.Single(_party.Coordinator.Refusals), StringComparison.Ordinal);
        Assert.Single(_party.Coordinator.Steps);
    }

    [Theory]
    [InlineData("model", "another model")]
    [InlineData("catalogue", "another catalogue")]
    [InlineData("features", "another set of item features")]
    [InlineData("configuration", "another configuration")]
    [InlineData("vector", "another vector")]
    [InlineData("round", "is none of round 1 of run shops/run-1")]
    [InlineData("roster", "leaves the party out")]
    public async Task Round_AboutSomethingElseThanThePartyHas_IsRefused(string what, string reason)
    {
        using var coordinator = new Coordinator(this, "1", lie: what);

        await coordinator.AskAsync(SecureStep.Advertise, default);

        Assert.Contains(reason, Assert.Single(_party.Coordinator.Refusals), StringComparison.Ordinal);
        Assert.Empty(_party.Coordinator.Steps);
    }

    [Fact]
    public async Task Message_ThatIsDamaged_IsRefused_AndNothingIsSent()
    {
        using var coordinator = new Coordinator(this, "1");
        await coordinator.GoUpToAsync(SecureStep.Advertise);

        await coordinator.AskAsync(SecureStep.Share, new byte[] { 1, 2, 3 });

        Assert.Single(_party.Coordinator.Refusals);
        Assert.Single(_party.Coordinator.Steps);
    }

    private IEnumerable<string> What() => File.ReadAllLines(_party.Folder.LogPath).Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("what").GetString()!).Where(what => what != "report");

    /// <summary>A try of a round with two others, whose clients are here.</summary>
    private sealed class Coordinator : IDisposable
    {
        private readonly PartySecureRoundsTests _owner;
        private readonly PartyOrder _order;
        private readonly SecureRound _round;
        private readonly SecureClient[] _clients;

        public Coordinator(PartySecureRoundsTests owner, string name, int round = 1, string lie = "")
        {
            _owner = owner;
            _order = owner._party.Coordinator.Order(WorkingParty.Items, round: round, rounds: new RoundSettings { Aggregator = "secure-mean" });
            using var run = RemoteTrainer.ContextOf(FederationParts.BuiltIn(), _order, CatalogueContent.Read(owner._party.Coordinator.ContentOf(_order.CatalogueSha256)).ToCatalogue(), new Nobody());
            var binding = new RoundBinding(
                lie == "round" ? "shops/run-1/7/x" : $"shops/run-1/{round}/{name}", lie == "model" ? "0" : _order.ModelSha256, lie == "catalogue" ? "0" : run.CatalogueSha256,
                lie == "features" ? "0" : run.CatalogueSha256, lie == "configuration" ? "0" : _order.ConfigSha256);
            var vector = run.Algorithm.VectorOf(run.Learner.Recipe(LearningPhase.Parse(_order.Phase)));
            using var own = owner._party.Folder.ReadKey();
            Participant[] roster = [new(lie == "roster" ? 3 : 0, own.ExportSubjectPublicKeyInfo()), new(1, owner._others[0].ExportSubjectPublicKeyInfo()), new(2, owner._others[1].ExportSubjectPublicKeyInfo())];
            _round = new SecureRound(binding, roster, lie == "vector" ? vector with { MostWeight = 2 * vector.MostWeight } : vector);
            (Server, Sum) = (new SecureServer(_round), new MaskedSum(vector.Words));
            _clients = [.. owner._others.Select((key, i) => new SecureClient(_round, i + 1, EcdsaP256.Signer(key)))];
        }

        public SecureServer Server { get; }

        public MaskedSum Sum { get; }

        public PartyOrder? Last { get; private set; }

        public Task AskAsync(SecureStep step, ReadOnlyMemory<byte> message) =>
            _owner._party.DoAsync(Last = _order with { Secure = new PartySecureStep(step, _round.Digest, message, step == SecureStep.Advertise ? _round.Encode() : default) });

        /// <summary>All steps up to one, in which the party alone has been asked.</summary>
        public async Task GoUpToAsync(SecureStep last, SecureStep from = SecureStep.Advertise)
        {
            for (var step = from; step <= last; step++)
            {
                if (step > SecureStep.Advertise)
                {
                    Accept(step - 1, _owner._party.Coordinator.Steps[^1]);
                }

                await AskAsync(step, step switch
                {
                    SecureStep.Share => Server.RollOf(0).Encode(),
                    SecureStep.Mask => Server.DeliveryOf(0).Encode(),
                    SecureStep.Consent => Server.Survivors.Encode(),
                    SecureStep.Unmask => Server.ConsentsOf(0).Encode(),
                    _ => ReadOnlyMemory<byte>.Empty,
                });
            }

            if (last == SecureStep.Unmask)
            {
                Array.ForEach(_clients, client => Assert.Null(Server.Accept(Value(client.Unmask(Server.ConsentsOf(client.Number))))));
            }
        }

        public void Dispose() => Array.ForEach(_clients, client => client.Dispose());

        // The party's answer, and those of the others.
        private void Accept(SecureStep step, byte[] answer)
        {
            switch (step)
            {
                case SecureStep.Advertise:
                    Assert.Null(Server.Accept(Advertisement.Decode(answer)));
                    Array.ForEach(_clients, client => Assert.Null(Server.Accept(Value(client.Advertise()))));
                    Assert.Null(Server.EndAdvertising());
                    break;
                case SecureStep.Share:
                    Assert.Null(Server.Accept(SealedShares.Decode(answer)));
                    Array.ForEach(_clients, client => Assert.Null(Server.Accept(Value(client.Share(Server.RollOf(client.Number))))));
                    Assert.Null(Server.EndSharing());
                    break;
                case SecureStep.Mask:
                    Receive(MaskedInput.Decode(_owner._party.Coordinator.Updates[^1]));
                    foreach (var client in _clients)
                    {
                        var own = new FixedPointSum(_round.Vector.Length, _round.Vector.Scale);
                        Assert.True(own.TryAdd(new Core.Updates.UpdateBuffer(), 1, 0.5, 3));
                        Receive(Value(client.Mask(Server.DeliveryOf(client.Number), own)));
                    }

                    Assert.Null(Server.EndCollecting(Sum.Clients));
                    break;
                default:
                    Assert.Null(Server.Accept(Consent.Decode(answer)));
                    Array.ForEach(_clients, client => Assert.Null(Server.Accept(Value(client.Consent(Server.Survivors)))));
                    Assert.Null(Server.EndConsenting());
                    break;
            }
        }

        private void Receive(MaskedInput input)
        {
            Assert.True(SecureServer.IsOf(_round, input));
            Assert.Null(Server.Accept(input.Receipt));
            Assert.True(Sum.TryAdd(input.Receipt.Number, input.Words.Span));
        }

        private static T Value<T>(Outcome<T> outcome)
            where T : class
        {
            Assert.Null(outcome.Refusal);
            return outcome.Value!;
        }
    }

    private sealed class Nobody : IPartyData
    {
        public ValueTask<PartyHoldings> OpenAsync(int client, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
