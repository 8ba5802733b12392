using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using FedRec.Contracts.Federations;
using FedRec.Contracts.Histories;
using FedRec.Contracts.RemoteParties;
using FedRec.Grains.Parties;

namespace FedRec.Grains.RemoteParties;

/// <summary>Invites the parties of a federation, and finds them by their names.</summary>
internal sealed partial class PartiesGrain : Grain, IPartiesGrain, IServerKeyGrain
{
    private const int SecretBytes = 32;
    private static readonly TimeSpan s_longestInvitation = TimeSpan.FromDays(30);
    private readonly UserKeys _keys;
    private readonly RemoteServices _services;
    private readonly LazyState<PartiesState> _saved;

    public PartiesGrain(UserKeys keys, RemoteServices services)
    {
        (_keys, _services) = (keys, services);
        _saved = new LazyState<PartiesState>(PartiesState.Name, this, services.Storage);
    }

    private string Federation => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken) => _saved.ReadAsync(() => { });

    public async Task<PartyTicket> InviteAsync(string name, PartyTerms terms, CancellationToken cancellationToken = default)
    {
        if (!Name().IsMatch(name))
        {
            throw new ArgumentException($"The party's name is '{name}'; it must be 1 to 64 letters, digits, dots, dashes or underscores.");
        }

        if (terms.ValidFor <= TimeSpan.Zero || terms.ValidFor > s_longestInvitation)
        {
            throw new ArgumentException($"The invitation is to be good for {terms.ValidFor}; it must be more than 0 and at most {s_longestInvitation.TotalDays} days.");
        }

        if (SiloLabels.TryParse(terms.Labels, out _) is { } wrong)
        {
            throw new ArgumentException(wrong);
        }

        var (id, party) = await PartyAsync(name);
        if (await party.GetAsync(cancellationToken) is { Standing: not (PartyStanding.Invited or PartyStanding.Pending) } known)
        {
            throw new ArgumentException($"Party '{name}' is {known.Standing.ToString().ToLowerInvariant()} already. Invite another one by another name; where its key is lost, forget it first (fedrec party forget {name}).");
        }

        await ThrowUnlessHostedAsync(terms.HasRatings);
        using var key = await OwnKeyAsync(name);
        var ticket = new PartyTicket(
            id, _saved.State.Server, RandomNumberGenerator.GetBytes(SecretBytes), _services.Time.GetUtcNow() + terms.ValidFor, key.ExportSubjectPublicKeyInfo(), _saved.State.Moved?.Number ?? 0);
        var invitation = new PartyInvitation(name, terms.HasManyUsers, terms.Labels, PartyStatements.Sha256(ticket.Secret.Span), ticket.Until, ticket.Server);
        return await party.InviteAsync(invitation, CancellationToken.None) ? ticket : throw new ArgumentException($"Party '{name}' was approved meanwhile.");
    }

    public async Task<PartyRecord?> FindAsync(string name, CancellationToken cancellationToken = default) => await (await PartyAsync(name)).Grain.GetAsync(cancellationToken);

    public async Task<ImmutableArray<PartyRecord>> ListAsync(CancellationToken cancellationToken = default)
    {
        var records = await Task.WhenAll(_saved.State.Names.Select(name => FindAsync(name, cancellationToken)));
        return [.. records.OfType<PartyRecord>()]; // one whose invitation was cut off is not there
    }

    public async Task<PartyRecord?> SetStandingAsync(string name, PartyStanding standing, CancellationToken cancellationToken = default)
    {
        var (_, party) = await PartyAsync(name);
        return await party.GetAsync(cancellationToken) is null ? null : await party.SetStandingAsync(standing, CancellationToken.None);
    }

    public async Task<bool> ForgetAsync(string name, CancellationToken cancellationToken = default)
    {
        if (!_saved.State.Names.Contains(name))
        {
            return false;
        }

        await (await PartyAsync(name)).Grain.ForgetAsync(CancellationToken.None);
        _saved.State = _saved.State with { Names = _saved.State.Names.Remove(name) }; // last: cut off before, it can be repeated
        await _saved.WriteAsync();
        return true;
    }

    public async Task<PartyMove?> MoveAsync(string url, string pin, CancellationToken cancellationToken = default)
    {
        if (_saved.State.Key.IsEmpty)
        {
            return null;
        }

        if (_saved.State.Moved is not { } moved || (moved.Url, moved.Pin) != (url, pin))
        {
            using var key = await OwnKeyAsync(name: null);
            moved = new PartyMove(url, pin, (_saved.State.Moved?.Number ?? 0) + 1, default);
            moved = moved with { Signature = PartyKeys.Sign(key, PartyStatements.OfMove(Federation, _saved.State.Server, moved)) };
            _saved.State = _saved.State with { Moved = moved };
            await _saved.WriteAsync();
        }

        foreach (var name in _saved.State.Names)
        {
            await (await PartyAsync(name)).Grain.NoteMoveAsync(moved, CancellationToken.None);
        }

        return moved;
    }

    public async Task<ForgettingCertificate> SignAsync(ForgettingCertificate certificate, CancellationToken cancellationToken = default)
    {
        using var key = await OwnKeyAsync(name: null); // leaves this grain for nobody
        return certificate.SignedBy(_saved.State.Server, key);
    }

    // Made with the first invitation. Stored before anybody hears of it, or of the name.
    private async Task<ECDsa> OwnKeyAsync(string? name)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var state = _saved.State.Key.IsEmpty ? _saved.State with { Server = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), Key = key.ExportPkcs8PrivateKey() } : _saved.State;
        state = name is null || state.Names.Contains(name) ? state : state with { Names = state.Names.Add(name) };
        if (state != _saved.State)
        {
            _saved.State = state;
            await _saved.WriteAsync();
        }

        key.ImportPkcs8PrivateKey(state.Key.Span, out _);
        return key;
    }

    private async Task<(string Id, IPartyGrain Grain)> PartyAsync(string name)
    {
        var id = (await _keys.GetAsync(Federation)).OfRemote(name);
        return (id, GrainFactory.GetGrain<IPartyGrain>(GrainKeys.User(Federation, id)));
    }

    private async Task ThrowUnlessHostedAsync(bool? hasRatings)
    {
        var federation = GrainFactory.GetGrain<IFederationGrain>(Federation);
        var summary = await federation.GetSummaryAsync();
        if (summary.Hosted is { } there ? hasRatings is { } other && other != there.HasRatings : hasRatings is not { } ratings || await federation.HostAsync(ratings, CancellationToken.None) is null)
        {
            throw new ArgumentException(summary.Hosted is { } known
                ? $"The interactions of federation '{Federation}' have {(known.HasRatings ? "" : "no ")}ratings, and the invitation says otherwise; leave that out."
                : $"Federation '{Federation}' {(summary.Runs.IsEmpty && summary.Simulates is null ? "is not there yet: say whether interactions carry ratings" : "simulates its clients; use another federation")}.");
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex Name();
}
